package import Sealing
internal import Synchronization

/// What became of the files that a daemon looks at again: its license files and its settings. A file that
/// is refused changes nothing; why it was stands here until a good one comes.
package final class WatchedFiles: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case license
    case settings
  }

  package enum Outcome: Sendable, Equatable {
    /// Its content is in force, or was known.
    case taken
    /// Nothing of it is.
    case refused(String)
    /// There is no such file or folder.
    case missing
  }

  private struct Key: Hashable {
    var kind: Kind
    var path: String
  }

  private struct Entry {
    var outcome: Outcome
    var at: Int64
  }

  private let entries = Mutex<[Key: Entry]>([:])

  package init() {}

  /// - Parameter instant: when, by the wall clock.
  package func note(_ outcome: Outcome, _ kind: Kind, _ path: String, at instant: Int64) {
    entries.withLock { $0[Key(kind: kind, path: path)] = Entry(outcome: outcome, at: instant) }
  }

  /// The file is none of those that are looked at any more.
  package func forget(_ kind: Kind, besides paths: Set<String>) {
    entries.withLock { entries in
      entries = entries.filter { $0.key.kind != kind || paths.contains($0.key.path) }
    }
  }

  /// How many files of a kind are not taken.
  package func refused(_ kind: Kind) -> Int64 {
    entries.withLock { entries in
      Int64(entries.count { $0.key.kind == kind && $0.value.outcome != .taken })
    }
  }

  /// Each file with what became of it, in the order of kinds and paths.
  package var json: JSONValue {
    let sorted = entries.withLock { entries in
      entries.sorted { ($0.key.kind.rawValue, $0.key.path) < ($1.key.kind.rawValue, $1.key.path) }
    }
    return .array(
      sorted.map { key, entry in
        var members = [
          JSONMember("what", .string(key.kind.rawValue)), JSONMember("path", .string(key.path)),
          JSONMember("at", .integer(max(0, entry.at))),
        ]
        switch entry.outcome {
        case .taken: members.append(JSONMember("state", "taken"))
        case .missing: members.append(JSONMember("state", "missing"))
        case .refused(let why):
          members.append(JSONMember("state", "refused"))
          members.append(JSONMember("why", .string(why)))
        }
        return .object(members)
      })
  }
}
