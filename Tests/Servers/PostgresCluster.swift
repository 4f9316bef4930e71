internal import Foundation

/// A PostgreSQL server of its own, in a temporary folder, on a socket there. It ends with the process that
/// runs the tests, however that ends.
package final class PostgresCluster: Sendable {
  package struct Fault: Error, CustomStringConvertible {
    package let description: String
  }

  /// One that all tests share which do it no harm.
  package static let shared = Task { try PostgresCluster() }

  private static let programs = "/usr/lib/postgresql/15/bin"

  package let folder: String
  /// Makes and starts it.
  /// - Parameter settings: such as `fsync=off`.
  package convenience init(settings: [String] = []) throws {
    try self.init { folder in
      let data = "\(folder)/data"
      try Self.run(
        "\(Self.programs)/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync")
    }
    try start(settings: settings)
  }

  /// - Parameter make: fills the folder's `data`.
  private init(_ make: (String) throws -> Void) throws {
    let name = UUID().uuidString.lowercased().prefix(8)
    folder = FileManager.default.temporaryDirectory.appending(path: "pg-\(name)").path
    let folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    if Program.isRoot { try Self.run(asSelf: true, "/bin/chown", "postgres", folder) }
    // Waits for the end of this process, then stops the server and removes the folder.
    let end = """
      while [ -d "/proc/$3" ]; do sleep 1; done
      "$1/pg_ctl" -D "$2/data" -m immediate stop; rm -rf "$2"
      """
    let (tool, arguments) = Self.command(
      "/bin/sh", ["-c", end, "sh", Self.programs, folder, String(Program.own)])
    _ = try Program.start(tool, arguments, output: "/dev/null")
    try make(folder)
  }

  /// A standby that follows this server, on a socket of its own, as `name`; commits wait for it.
  package func synchronousStandby(_ name: String) throws -> PostgresCluster {
    let primary = folder
    let standby = try PostgresCluster { folder in
      try Self.run(
        "\(Self.programs)/pg_basebackup", "-h", primary, "-U", "postgres", "-D", "\(folder)/data",
        "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
        "-d", "host=\(primary) user=postgres application_name=\(name)")
    }
    try standby.start()
    try alter("synchronous_standby_names = '\(name)'")
    return standby
  }

  package func start(settings: [String] = []) throws {
    // All tests run at once.
    let options =
      ["listen_addresses=''", "unix_socket_directories='\(folder)'", "max_connections=600"]
      + settings
    try Self.run(
      "\(Self.programs)/pg_ctl", "-D", "\(folder)/data", "-l", "\(folder)/log", "-w", "-o",
      options.map { "-c \($0)" }.joined(separator: " "), "start")
  }

  package func stop(_ mode: String = "fast") throws {
    try Self.run("\(Self.programs)/pg_ctl", "-D", "\(folder)/data", "-w", "-m", mode, "stop")
  }

  package func promote() throws {
    try Self.run("\(Self.programs)/pg_ctl", "-D", "\(folder)/data", "-w", "promote")
  }

  /// Changes a setting of the running server, and waits until new sessions have it.
  package func alter(_ setting: String) throws {
    let loaded = "SELECT pg_conf_load_time()"
    let before = try ask(loaded)
    try ask("ALTER SYSTEM SET \(setting)")
    try ask("SELECT pg_reload_conf()")
    while try ask(loaded) == before {}
  }

  // MARK: Databases

  package func uri(_ database: String) -> String {
    "postgres:///\(database)?host=\(folder)&user=postgres"
  }

  package func databases() throws -> [String] {
    try ask("SELECT datname FROM pg_database").split(separator: "\n").map(String.init)
  }

  package func makeDatabase(_ name: String) throws { try ask("CREATE DATABASE \"\(name)\"") }
  package func removeDatabase(_ name: String) throws {
    try ask("DROP DATABASE \"\(name)\" WITH (FORCE)")
  }

  /// Asks the server and returns what it answers, a row on each line.
  @discardableResult
  package func ask(_ sql: String, in database: String = "postgres") throws -> String {
    try Self.run(
      "\(Self.programs)/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U",
      "postgres", "-d", database, "-c", sql)
  }

  /// Waits until the server gives an answer.
  package func wait(for answer: String, to sql: String) async throws {
    while try ask(sql) != answer { await Task.yield() }
  }

  // MARK: Programs

  /// PostgreSQL does not run as root.
  private static func command(_ tool: String, _ arguments: [String]) -> (String, [String]) {
    guard Program.isRoot else { return (tool, arguments) }
    let user = ["--reuid=postgres", "--regid=postgres", "--clear-groups", tool]
    return ("/usr/bin/setpriv", user + arguments)
  }

  @discardableResult
  private static func run(
    asSelf: Bool = false, _ tool: String, _ arguments: String...
  ) throws -> String {
    guard FileManager.default.isExecutableFile(atPath: tool) else {
      throw Fault(description: "\(tool) is not there: install postgresql, as README.md says")
    }
    let output = FileManager.default.temporaryDirectory.appending(
      path: "pg-output-\(UUID().uuidString)"
    ).path
    defer { try? FileManager.default.removeItem(atPath: output) }
    let (program, words) = asSelf ? (tool, arguments) : command(tool, arguments)
    let status = Program.wait(for: try Program.start(program, words, output: output))
    let text = String(
      decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
    guard status == 0 else {
      throw Fault(description: "\(tool) \(arguments.last ?? ""): \(text)")
    }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
