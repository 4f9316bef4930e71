import Platform
import Testing

/// What a process does to itself before it touches keys.
struct HardeningTests {
  private static func coreLimit() throws -> [Substring] {
    let text = String(decoding: try Files.read("/proc/self/limits"), as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("Max core file") })
    return line.split(separator: " ").dropFirst(4).prefix(2).map { $0 }
  }

  // In a process of its own: nobody could look into the tests afterwards.
  @Test func `no core is dumped, into a file or a pipe`() async {
    await #expect(processExitsWith: .success) {
      let before = try HardeningTests.coreLimit()
      #expect(Hardening.isDumpable)
      Hardening.forbidCoreDumps()
      #expect(!Hardening.isDumpable)
      // A limit of 0 stops files alone; whoever starts with it and is not root cannot leave it.
      let after = try HardeningTests.coreLimit()
      #expect(after == ["1", "1"] || before == ["0", "0"])
    }
  }
}
