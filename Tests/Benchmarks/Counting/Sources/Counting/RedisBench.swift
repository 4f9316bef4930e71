internal import Foundation

/// Pipelined ZADD on a Redis of its own, on this machine: what a sorted set of last beats takes.
struct RedisBench {
  static let members = 1_000_000
  private static let pipeline = 1000

  struct Result {
    /// Commands in a second of the server's processor.
    var ofProcessor: Double
    /// Commands in a second of the clock.
    var ofClock: Double
  }

  private let socket: FileHandle

  /// - Returns: nil where there is no redis-server.
  static func measure() throws -> Result? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "counting-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "socket").path
    let server = Process()
    server.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
    server.arguments = ["--port", "0", "--unixsocket", path, "--save", "", "--dir", folder.path]
    server.standardOutput = FileHandle.nullDevice
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-server") else { return nil }
    try server.run()
    defer {
      server.terminate()
      server.waitUntilExit()
    }
    return try RedisBench(socket: connect(path)).run()
  }

  private static func connect(_ path: String) throws -> FileHandle {
    let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(100)) }
    for _ in 0..<100 {
      let failed = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if failed == 0 { return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true) }
      usleep(50_000)
    }
    throw BenchError("redis-server does not listen")
  }

  private func run() throws -> Result {
    var random = SplitMix(state: 1)
    var members = (0..<Self.members).map { _ in
      String(format: "%016lx%016lx", random.next(), random.next())
    }
    try add(members, score: 1_795_190_400)
    members.shuffle(using: &random)
    let requests = Self.requests(members, score: 1_795_190_460)
    let busy = try processorSeconds()
    let start = ContinuousClock.now
    for request in requests { try exchange(request) }
    let elapsed = ContinuousClock.now - start
    let clock =
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let processor = try processorSeconds() - busy
    return Result(
      ofProcessor: Double(Self.members) / processor, ofClock: Double(Self.members) / clock)
  }

  private func add(_ members: [String], score: Int) throws {
    for request in Self.requests(members, score: score) { try exchange(request) }
  }

  private static func requests(_ members: [String], score: Int) -> [Data] {
    stride(from: 0, to: members.count, by: pipeline).map { start in
      let commands = members[start..<start + pipeline].map { member in
        "*4\r\n$4\r\nZADD\r\n$1\r\nk\r\n$10\r\n\(score)\r\n$32\r\n\(member)\r\n"
      }
      return Data(commands.joined().utf8)
    }
  }

  /// Sends a pipeline of commands and reads as many answers of one line.
  private func exchange(_ request: Data) throws {
    try socket.write(contentsOf: request)
    var lines = 0
    while lines < Self.pipeline {
      let answer = socket.availableData
      guard !answer.isEmpty else { throw BenchError("redis-server hung up") }
      lines += answer.count { $0 == UInt8(ascii: "\n") }
    }
  }

  /// Seconds of the processor that the server has used.
  private func processorSeconds() throws -> Double {
    try socket.write(contentsOf: Data("*2\r\n$4\r\nINFO\r\n$3\r\ncpu\r\n".utf8))
    var text = ""
    while !text.hasSuffix("\r\n\r\n") && !text.hasSuffix("\n\r\n") {
      text += String(decoding: socket.availableData, as: UTF8.self)
    }
    let seconds = text.split(whereSeparator: \.isNewline).compactMap { line -> Double? in
      guard line.hasPrefix("used_cpu_user:") || line.hasPrefix("used_cpu_sys:") else { return nil }
      return Double(line.split(separator: ":")[1])
    }
    guard seconds.count == 2 else { throw BenchError("redis-server does not say its time") }
    return seconds[0] + seconds[1]
  }
}
