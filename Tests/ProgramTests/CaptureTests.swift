import Foundation
import Testing

extension ProgramTests {
  /// What a real collector sends is counted as it is.
  @Suite(.serialized) struct CaptureTests {
    static func send(
      _ capture: String, _ flags: [String] = [], to verifier: Daemon, _ stage: Stage
    ) async throws -> String {
      let file = Programs.script("Captures/\(capture).http")
      return try await stage.done(
        "python3", [Programs.script("raw_request.py"), verifier.port, file] + flags
      ).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `a captured usage trace and a captured push are one collector`() async throws {
      try await Stage.play { stage in
        let site = try await Site.open(on: stage)
        try await site.install(gateway: "9")
        let verifier = try await site.startVerifier()
        #expect(try await site.usage().distinct == 0)
        #expect(try await Self.send("usage_trace", to: verifier, stage) == "200")
        try await eventually("the trace is counted") { try await site.usage().peak == 1 }
        #expect(try await Self.send("push", ["--admit"], to: verifier, stage) == "204")
        #expect(try await Self.send("usage_trace", to: verifier, stage) == "200")
        let usage = try await site.usage()
        #expect(usage.peak == 1 && usage.distinct == 1, "\(usage)")
        let other = try stage.capture("push", replacing: "web-01", with: "web-02")
        #expect(
          try await stage.done(
            "python3", [Programs.script("raw_request.py"), verifier.port, other, "--admit"]
          ).hasPrefix("204"))
        try await eventually("a push alone is counted") { try await site.usage().peak == 2 }
        #expect(try await verifier.stop() == 0, "\(verifier.errors)")
      }
    }
  }
}

extension Stage {
  /// A capture with another host name of the same length.
  func capture(_ name: String, replacing old: String, with new: String) throws -> String {
    let file = URL(fileURLWithPath: Programs.script("Captures/\(name).http"))
    var data = try Data(contentsOf: file)
    guard let range = data.range(of: Data(old.utf8)), old.utf8.count == new.utf8.count else {
      throw TestFault("the capture has no \(old)")
    }
    data.replaceSubrange(range, with: Data(new.utf8))
    try write("\(name)-\(new)", data)
    return path("\(name)-\(new)")
  }
}
