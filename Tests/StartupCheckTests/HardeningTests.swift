import Platform
import Testing

/// What a process does to itself before it touches keys.
struct HardeningTests {
  private func coreLimit() throws -> [Substring] {
    let text = String(decoding: try Files.read("/proc/self/limits"), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Max core file") })
    return line.split(separator: " ").dropFirst(4).prefix(2).map { $0 }
  }

  @Test func `no core is dumped, into a file or a pipe`() throws {
    let before = try coreLimit()
    Hardening.forbidCoreDumps()
    // A limit of 0 stops files alone; whoever starts with it and is not root cannot leave it.
    let after = try coreLimit()
    #expect(after == ["1", "1"] || before == ["0", "0"])
  }
}
