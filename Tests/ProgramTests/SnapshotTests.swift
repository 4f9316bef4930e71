import Foundation
import Testing

extension ProgramTests {
  /// Help and JSON of the programs, as files: what changes is seen in review, and nowhere by chance.
  ///
  /// With `TALLY_SNAPSHOTS=write` in the environment of the tests the files are written anew.
  @Suite(.serialized) struct SnapshotTests {
    static let folder = Programs.package.appending(path: "Tests/ProgramTests/Snapshots")

    /// Compares a text with its file, or writes the file.
    static func hold(_ text: String, _ name: String) throws {
      let file = folder.appending(path: name)
      if ProcessInfo.processInfo.environment["TALLY_SNAPSHOTS"] == "write" {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return
      }
      let kept = Command.read(file.path)
      guard kept != text else { return }
      let old = kept.split(separator: "\n", omittingEmptySubsequences: false)
      let new = text.split(separator: "\n", omittingEmptySubsequences: false)
      let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset
      let index = line ?? min(old.count, new.count)
      Issue.record(
        """
        \(name) is not what the program says, from line \(index + 1) on; if it is meant, run the \
        tests with TALLY_SNAPSHOTS=write
        - \(index < old.count ? String(old[index]) : "the end")
        + \(index < new.count ? String(new[index]) : "the end")
        """)
    }

    @Test(arguments: Programs.names)
    func `the help of every subcommand is as it was`(_ program: String) async throws {
      let dump = try await HelpDump.of(program)
      var text = ""
      for (path, _) in dump.commands {
        let help = try await Command.run(
          program, Array(path.dropFirst()) + ["--help"], in: Programs.package,
          environment: ["COLUMNS": "100"])
        #expect(help.status == 0, "\(path): \(help.said)")
        text += "# \(path.joined(separator: " "))\n\n\(help.output)\n"
      }
      #expect(dump.commands.count > 5)
      try Self.hold(text, "\(program)-help.txt")
    }

    @Test func `the JSON of tally has the members that it had`() async throws {
      try await LicenseTests.play { desk in
        let (id, line) = try await desk.issue(
          "subscription",
          [
            "--from", "2026-01-01", "--through", "2036-12-31", "--collectors", "5",
            "--grace-days", "7", "--yes",
          ])
        let registry = ["--registry", "registry"]
        let json = registry + ["--format", "json"]
        let released = ["--product", "platform", "--version", "1", "--released", Day.today(-1)]
        let commands: [(String, [String], Int32)] = [
          ("customer add", ["customer", "add", "Other Ltd"] + json, 0),
          ("customer list", ["customer", "list"] + json, 0),
          ("license list", ["license", "list"] + json, 0),
          ("license list --expiring", ["license", "list", "--expiring", "36600d"] + json, 0),
          (
            "license renew --dry-run",
            ["license", "renew", line, "--years", "1", "--dry-run"] + json, 1
          ),
          (
            "license amend --dry-run",
            ["license", "amend", line, "--collectors", "9", "--why", "w", "--dry-run"] + json, 0
          ),
          (
            "license amend, asked",
            ["license", "amend", line, "--collectors", "9000000", "--why", "w", "--format", "json"]
              + desk.signing, 1
          ),
          (
            "license amend",
            ["license", "amend", line, "--collectors", "9", "--why", "w", "--format", "json"]
              + desk.signing, 0
          ),
          (
            "license reissue --dry-run",
            ["license", "reissue", line, "--key", desk.key, "--why", "w", "--dry-run"] + json, 0
          ),
          ("license diff", ["license", "diff", id, line] + json, 0),
          ("release sign --dry-run", ["release", "sign", "--dry-run"] + released + json, 0),
          (
            "release sign",
            ["release", "sign", "--format", "json"] + released + desk.signing, 0
          ),
          ("release list", ["release", "list"] + json, 0),
          ("intent show", ["intent", "show"] + json, 0),
          ("key list", ["key", "list"] + json, 0),
          ("audit log", ["audit", "log", "--last", "1"] + json, 0),
        ]
        #expect(commands.count == 16)
        var text = ""
        for (name, words, status) in commands {
          let outcome = try await desk.tally(words)
          #expect(outcome.status == status, "\(name): \(outcome.said)")
          let shape = try outcome.json(Shape.self).lines().joined(separator: "\n")
          text += "# tally \(name)\n\n\(shape)\n\n"
        }
        try Self.hold(text, "tally-json.txt")
      }
    }
  }
}

/// A JSON document with its values replaced by their kinds: what stays the same from run to run.
enum Shape: Decodable {
  case object([String: Shape])
  case array([Shape])
  case value(String)

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .value("null")
    } else if (try? value.decode(Bool.self)) != nil {
      self = .value("boolean")
    } else if (try? value.decode(Int64.self)) != nil {
      self = .value("integer")
    } else if (try? value.decode(String.self)) != nil {
      self = .value("string")
    } else if let array = try? value.decode([Shape].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: Shape].self))
    }
  }

  /// One line for each path; of an array all elements together.
  func lines(_ path: String = "") -> [String] {
    let name = path.isEmpty ? "." : path
    switch self {
    case .value(let kind): return ["\(name) \(kind)"]
    case .object(let members) where members.isEmpty: return ["\(name) {}"]
    case .object(let members):
      return members.sorted { $0.key < $1.key }.flatMap { $0.value.lines("\(path).\($0.key)") }
    case .array(let elements) where elements.isEmpty: return ["\(name) []"]
    case .array(let elements):
      var seen: Set<String> = []
      return elements.flatMap { $0.lines("\(path)[]") }.filter { seen.insert($0).inserted }
    }
  }
}
