import Foundation
import Glibc

/// How a process ended and what it said.
struct Outcome: Sendable {
  /// The exit status; of a process that a signal ended, the signal's number, negated.
  let status: Int32
  let output: String
  let errors: String

  /// The JSON on its standard output.
  func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do { return try JSONDecoder().decode(type, from: Data(output.utf8)) } catch {
      throw TestFault("not the JSON expected (\(error)): \(output.prefix(2000)) \(errors)")
    }
  }

  /// Both streams, for the message of a test that failed.
  var said: String { "status \(status)\n\(output)\n\(errors)" }
}

/// Processes that run to their end.
enum Command {
  /// Runs a program. Its streams are files, so that none of its children can hold a pipe open.
  /// - Throws: ``TestFault`` for one that is missing or does not end in time.
  static func run(
    _ program: String, _ arguments: [String], in folder: URL,
    environment: [String: String] = [:], seconds: Int = 60
  ) async throws -> Outcome {
    let stem = "\(folder.path)/.\(UUID().uuidString)"
    defer {
      for suffix in ["out", "err"] { try? FileManager.default.removeItem(atPath: stem + suffix) }
    }
    let (ends, end) = AsyncStream<Void>.makeStream()
    let process = try launch(program, arguments, in: folder, environment, stem) { end.finish() }
    let pid = process.processIdentifier
    let inTime = await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for await _ in ends {}
        return true
      }
      group.addTask {
        do { try await Task.sleep(for: .seconds(seconds)) } catch { return true }
        kill(pid, SIGKILL)
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
    // One that was just killed has not ended yet, and has no status before.
    while process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
    let outcome = Outcome(
      status: process.terminationReason == .uncaughtSignal
        ? -process.terminationStatus : process.terminationStatus,
      output: read(stem + "out"), errors: read(stem + "err"))
    guard inTime else {
      throw TestFault("\(program) \(arguments) did not end in \(seconds) s: \(outcome.said)")
    }
    return outcome
  }

  /// Starts a process with its streams in the files STEMout and STEMerr.
  /// - Parameter atEnd: called when it has ended.
  static func launch(
    _ program: String, _ arguments: [String], in folder: URL, _ environment: [String: String],
    _ stem: String, atEnd: @escaping @Sendable () -> Void = {}
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Programs.path(program))
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let base = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder.path, "LANG": "C.UTF-8"]
    process.environment = base.merging(environment) { $1 }
    let streams = (try file(stem + "out"), try file(stem + "err"))
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = streams.0
    process.standardError = streams.1
    process.terminationHandler = { _ in atEnd() }
    try process.run()
    // A finished Process keeps its handles: a thousand of them leave no descriptor.
    try streams.0.close()
    try streams.1.close()
    return process
  }

  static func read(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  private static func file(_ path: String) throws -> FileHandle {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw TestFault("cannot write \(path)") }
    return handle
  }
}
