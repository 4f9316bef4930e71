import Foundation

/// One of the two daemons, running beside the demo.
final class Daemon {
  private let process: Process
  private let name: String
  /// Where it listens: `http://127.0.0.1:PORT`.
  let address: String

  /// Starts a daemon and waits until it says where it listens.
  /// - Throws: ``DemoError`` when it ends instead.
  init(_ words: [String], in shell: Shell, log: String) throws {
    name = words[0]
    say("$ " + words.joined(separator: " ") + " &")
    process = shell.process(words)
    let logFile = shell.folder.appending(path: log)
    _ = FileManager.default.createFile(atPath: logFile.path, contents: nil)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: logFile)
    try process.run()
    var text = ""
    while !text.contains("\n") {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else {
        process.waitUntilExit()
        let log = try String(contentsOf: logFile, encoding: .utf8)
        throw DemoError("\(name) ended at its start: \(log)")
      }
      text += String(decoding: data, as: UTF8.self)
    }
    let line = text.split(separator: "\n").first ?? ""
    say(line)
    guard let address = line.split(separator: " ").last(where: { $0.hasPrefix("http://") }) else {
      throw DemoError("\(name) did not say where it listens: \(line)")
    }
    self.address = String(address)
  }

  /// Asks it to stop and waits until it has.
  /// - Throws: ``DemoError`` when it ends with a fault.
  func stop() throws {
    say("$ kill -TERM \(process.processIdentifier)   # \(name)")
    process.terminate()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw DemoError("\(name) ended with \(process.terminationStatus) when asked to stop")
    }
  }

  /// Ends it without ceremony, for the demo's own way out.
  func kill() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }
}
