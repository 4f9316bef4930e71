import Foundation

/// Runs the real programs and shows each command before it runs, so that a reader can repeat it by hand.
struct Shell {
  /// Where `tally`, `tally-verifier` and `tally-gateway` were built.
  let programs: URL
  /// The demo's own folder; every command runs in it.
  let folder: URL

  /// What a program said and how it ended.
  struct Answer {
    let status: Int32
    let output: String
    let talk: String
  }

  /// Finds the programs beside this one.
  /// - Throws: ``DemoError`` when they have not been built.
  init(folder: URL) throws {
    let demo = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    programs = URL(fileURLWithPath: demo).deletingLastPathComponent()
    self.folder = folder
    for name in ["tally", "tally-verifier", "tally-gateway"] {
      guard FileManager.default.isExecutableFile(atPath: programs.appending(path: name).path) else {
        throw DemoError("\(name) has not been built: run swift build first")
      }
    }
  }

  /// Makes a process of a command line, its first word one of our programs.
  func process(_ words: [String]) -> Process {
    let process = Process()
    process.executableURL = programs.appending(path: words.first ?? "")
    process.arguments = Array(words.dropFirst())
    process.currentDirectoryURL = folder
    process.environment = [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TALLY_TRUST_ROOT": "root.jwks",
    ]
    process.standardInput = FileHandle.nullDevice
    return process
  }

  /// Shows and runs a command.
  /// - Parameter expecting: the exit status that it must have.
  /// - Throws: ``DemoError`` for any other status.
  @discardableResult
  func run(_ words: [String], expecting status: Int32 = 0, quiet: Bool = false) throws -> String {
    if !quiet { say("$ " + words.map(Self.quoted).joined(separator: " ")) }
    let answer = try capture(words)
    for text in [answer.output, answer.talk] where !quiet && !text.isEmpty { say(text) }
    guard answer.status == status else {
      throw DemoError(
        "\(words.prefix(3).joined(separator: " ")) ended with \(answer.status), not \(status): "
          + answer.talk)
    }
    return answer.output
  }

  /// Runs a command and keeps what it says.
  func capture(_ words: [String]) throws -> Answer {
    let process = process(words)
    let output = Pipe()
    let talkFile = folder.appending(path: "talk.txt")
    _ = FileManager.default.createFile(atPath: talkFile.path, contents: nil)
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: talkFile)
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let talk = try String(contentsOf: talkFile, encoding: .utf8)
    return Answer(
      status: process.terminationStatus,
      output: String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines),
      talk: talk.trimmingCharacters(in: .newlines))
  }

  private static func quoted(_ word: String) -> String {
    word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:@=,".contains($0) } && !word.isEmpty
      ? word : "'\(word)'"
  }
}

/// The demo could not go on, or a figure was not what it must be.
struct DemoError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Writes a line at once, so that it stands before what the next command says.
func say(_ text: some StringProtocol) {
  FileHandle.standardOutput.write(Data((text + "\n").utf8))
}
