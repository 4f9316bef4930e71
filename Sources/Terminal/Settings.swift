internal import Sealing

/// The settings of a daemon: from its flags, else its environment, else its file.
///
/// Rules:
/// 1. A setting has one name: `state-folder` is the flag `--state-folder`, the variable
///    `TALLY_VERIFIER_STATE_FOLDER`, and the member `"state-folder"` of the file's JSON object.
/// 2. The first of flag, environment, file that has it wins.
/// 3. A variable with the program's prefix, or a member of the file, that names no setting stops the
///    start; so does a value of the wrong form. The message names the key and where it stands.
package struct Settings: Sendable {
  private struct Entry: Sendable {
    let value: String
    let origin: String
  }

  private let entries: [String: Entry]

  /// - Parameters:
  ///   - program: the word after `TALLY_`, in lower case: `verifier`.
  ///   - known: every name of a setting.
  ///   - flags: what the command line gave; nil where it gave nothing.
  ///   - environment: the whole environment.
  ///   - reserved: variables with the prefix that are no settings.
  ///   - file: name and bytes of the settings file, if there is one.
  /// - Throws: ``CommandError`` with status `usage`.
  package init(
    program: String, known: [String], flags: [String: String?], environment: [String: String],
    reserved: Set<String> = [], file: (name: String, bytes: [UInt8])? = nil
  ) throws(CommandError) {
    var entries: [String: Entry] = [:]
    if let file {
      for member in try Self.members(of: file) {
        guard known.contains(where: { $0.isSameBytes(as: member.name) }) else {
          throw Self.unknown(member.name, "in \(file.name)", known)
        }
        entries[member.name] = Entry(value: try Self.text(member, file.name), origin: file.name)
      }
    }
    let prefix = "TALLY_\(program.uppercased())_"
    let variables = Dictionary(
      uniqueKeysWithValues: known.map { (Self.variable(prefix, $0), $0) })
    for (name, value) in environment where name.hasPrefix(prefix) && !reserved.contains(name) {
      guard let setting = variables[name] else {
        throw Self.unknown(name, "in the environment", Array(variables.keys))
      }
      entries[setting] = Entry(value: value, origin: "environment variable \(name)")
    }
    for (name, value) in flags {
      if let value { entries[name] = Entry(value: value, origin: "flag --\(name)") }
    }
    self.entries = entries
  }

  private static func variable(_ prefix: String, _ name: String) -> String {
    prefix + name.uppercased().split(separator: "-").joined(separator: "_")
  }

  private static func members(
    of file: (name: String, bytes: [UInt8])
  ) throws(CommandError) -> [JSONMember] {
    do throws(Refusal) {
      let value = try JSONScanner.scan(file.bytes, maximumDepth: 2)
      try value.requireDocumentShape()
      guard case .object(let members) = value else {
        throw Refusal.malformed("the settings must be one JSON object")
      }
      return members
    } catch {
      throw CommandError(.usage, "settings file \(file.name): \(error.message)")
    }
  }

  private static func text(
    _ member: JSONMember, _ file: String
  ) throws(CommandError) -> String {
    switch member.value {
    case .string(let text): return text
    case .number(let literal): return literal
    case .bool(let value): return value ? "true" : "false"
    case .null, .array, .object:
      throw CommandError(
        .usage, "setting \"\(member.name)\" in \(file) must be a string, a number or true/false")
    }
  }

  private static func unknown(
    _ name: String, _ place: String, _ known: [String]
  ) -> CommandError {
    let nearest = known.min { distance($0, name) < distance($1, name) }
    let hint = nearest.map { ": did you mean \($0)?" } ?? ""
    return CommandError(.usage, "unknown setting \(name.prefix(64)) \(place)\(hint)")
  }

  /// Levenshtein distance, over bytes.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8.prefix(64))
    var row = Array(0...right.count)
    for (i, a) in left.utf8.prefix(64).enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in right.enumerated() {
        let cost = a == b ? diagonal : diagonal + 1
        diagonal = row[j + 1]
        row[j + 1] = min(cost, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }

  /// The text of a setting, nil where nothing gives it.
  package func string(_ name: String) -> String? {
    entries[name]?.value
  }

  /// The text of a setting that must be given.
  /// - Throws: ``CommandError`` with status `usage`.
  package func required(_ name: String) throws(CommandError) -> String {
    guard let entry = entries[name], !entry.value.isEmpty else {
      throw CommandError(.usage, "setting \(name) is missing: give --\(name)")
    }
    return entry.value
  }

  /// A whole number within the range, or the default.
  /// - Throws: ``CommandError`` with status `usage`.
  package func integer(
    _ name: String, in range: ClosedRange<Int>, default standard: Int
  ) throws(CommandError) -> Int {
    guard let entry = entries[name] else { return standard }
    guard let value = Int(entry.value), range.contains(value) else {
      throw CommandError(
        .usage,
        "setting \(name) (\(entry.origin)) must be a whole number from \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return value
  }

  /// `true` or `false`, or the default.
  /// - Throws: ``CommandError`` with status `usage`.
  package func boolean(
    _ name: String, default standard: Bool
  ) throws(CommandError) -> Bool {
    guard let entry = entries[name] else { return standard }
    switch entry.value {
    case "true": return true
    case "false": return false
    default:
      throw CommandError(.usage, "setting \(name) (\(entry.origin)) must be true or false")
    }
  }
}
