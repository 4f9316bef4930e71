import Foundation
import Testing

/// Tests of whole processes: the programs as they were built, their files, exit statuses and sockets.
///
/// One after the other: each test has the machine's ports, disks and clocks to itself.
@Suite(.serialized, .timeLimit(.minutes(10))) enum ProgramTests {}

/// Where things are.
enum Programs {
  /// The folder of the built programs, which is that of the test bundle.
  static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
  /// The package.
  static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let names = ["tally", "tally-verifier", "tally-gateway"]

  /// The path of a program of ours, or of the system.
  /// - Throws: ``TestFault`` where it is missing: a test that needs it must not pass without it.
  static func path(_ name: String) throws -> String {
    if names.contains(name) {
      let built = folder.appending(path: name).path
      guard FileManager.default.isExecutableFile(atPath: built) else {
        throw TestFault("\(built) is missing: run `swift build` first")
      }
      return built
    }
    if name.hasPrefix("/") { return name }
    for place in ["/usr/bin", "/bin", "/usr/sbin", "/sbin"] {
      let path = "\(place)/\(name)"
      if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    throw TestFault("\(name) is not installed: see the apt-get line in README.md")
  }

  /// The interpreter with the packages that `Tests/run` installs.
  static func python() throws -> String {
    let path = package.appending(path: ".build/python/bin/python").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw TestFault("\(path) is missing: run Tests/run, which installs it")
    }
    return path
  }

  static func script(_ name: String) -> String {
    package.appending(path: "Tests/Interop/\(name)").path
  }
}

/// What a test could not do.
struct TestFault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Asks again until a condition holds, a minute at most.
func eventually(
  _ what: String, seconds: Int = 60, _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(seconds)
  repeat {
    if try await condition() { return }
    try await Task.sleep(for: .milliseconds(50))
  } while ContinuousClock.now < end
  throw TestFault("waited \(seconds) s in vain: \(what)")
}
