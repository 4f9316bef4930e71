import Foundation
import Glibc
import Synchronization

/// A folder for one test, and the daemons that run in it; both are gone when the test ends.
final class Stage: Sendable {
  let folder: URL
  private let daemons = Mutex<[Daemon]>([])

  private init(_ folder: URL) { self.folder = folder }

  /// Plays a test in a fresh folder and clears up after it, however it ends.
  static func play(_ body: (Stage) async throws -> Void) async throws {
    let stage = Stage(try makeFolder())
    do { try await body(stage) } catch {
      await stage.clear()
      throw error
    }
    await stage.clear()
  }

  /// A new folder with a short name: the path of a Unix domain socket has little room.
  static func makeFolder() throws -> URL {
    let name = "tally-\(UUID().uuidString.prefix(8).lowercased())"
    let folder = URL(fileURLWithPath: "/tmp/\(name)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    return folder
  }

  private func clear() async {
    for daemon in daemons.withLock({ $0 }) { await daemon.kill() }
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
    try write(name, Data(text.utf8), mode: mode)
  }

  func write(_ name: String, _ data: Data, mode: Int = 0o644) throws {
    try data.write(to: folder.appending(path: name), options: .atomic)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
  }

  func data(_ name: String) throws -> Data {
    try Data(contentsOf: folder.appending(path: name))
  }

  func text(_ name: String) throws -> String {
    String(decoding: try data(name), as: UTF8.self)
  }

  /// Runs a program in the folder to its end.
  func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await Command.run(program, arguments, in: folder, environment: environment)
  }

  /// Runs a program that must succeed.
  @discardableResult
  func done(_ program: String, _ arguments: [String]) async throws -> String {
    let outcome = try await run(program, arguments)
    guard outcome.status == 0 else {
      throw TestFault("\(program) \(arguments.joined(separator: " ")): \(outcome.said)")
    }
    return outcome.output
  }

  /// Starts a daemon and waits for its first line.
  func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> Daemon {
    let daemon = try launch(program, arguments, environment: environment)
    try await daemon.waitUntilListening()
    return daemon
  }

  /// Starts a daemon and waits for nothing.
  func launch(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Daemon {
    let daemon = try Daemon(program, arguments, in: folder, environment)
    daemons.withLock { $0.append(daemon) }
    return daemon
  }
}

/// A program that runs until it is asked to stop.
final class Daemon: Sendable {
  private let name: String
  private let process: Process
  private let stem: String

  init(
    _ program: String, _ arguments: [String], in folder: URL, _ environment: [String: String]
  ) throws {
    name = program
    stem = "\(folder.path)/\(program.split(separator: "/").last ?? "")-\(UUID().uuidString)."
    process = try Command.launch(program, arguments, in: folder, environment, stem)
  }

  var output: String { Command.read(stem + "out") }
  var errors: String { Command.read(stem + "err") }
  var isRunning: Bool { process.isRunning }

  /// What stands after `listening on` in its first line.
  var address: String {
    output.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? ""
  }

  /// The port that it got.
  var port: String { address.split(separator: ":").last.map(String.init) ?? "" }

  func waitUntilListening() async throws {
    try await eventually("\(name) listens") {
      guard isRunning else { throw TestFault("\(name) ended at its start: \(output)\n\(errors)") }
      return output.contains("\n")
    }
    guard output.hasPrefix("listening on ") else {
      throw TestFault("\(name) does not say where it listens: \(output)")
    }
  }

  /// Asks it to stop, and waits until it has.
  /// - Returns: how it ended.
  func stop() async throws -> Int32 {
    process.terminate()
    try await eventually("\(name) stops", seconds: 30) { !isRunning }
    return process.terminationReason == .uncaughtSignal
      ? -process.terminationStatus : process.terminationStatus
  }

  /// How it ended, as ``Outcome/status`` says it; nil while it runs.
  var status: Int32? {
    guard !isRunning else { return nil }
    return process.terminationReason == .uncaughtSignal
      ? -process.terminationStatus : process.terminationStatus
  }

  /// Sends it a signal.
  func signal(_ number: Int32) { Glibc.kill(process.processIdentifier, number) }

  /// Ends it as a power cut would.
  func kill() async {
    guard isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    try? await eventually("\(name) is gone", seconds: 30) { !isRunning }
  }
}
