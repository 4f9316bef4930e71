import Foundation
import Testing

extension ProgramTests {
  /// A gateway held against its own document by schemathesis.
  @Suite(.serialized) struct OpenAPITests {
    @Test func `schemathesis finds no 5xx and no answer that the document does not have`()
      async throws
    {
      try await Stage.play { stage in
        let (site, verifier, gateway) = try await ReplaceTests.counting(stage, peak: 3)
        // So that there is a finding to be shown.
        _ = try await FindingTests.release(site, verifier)
        let token = try await stage.done(
          "tally-gateway",
          ["token", "new", "--scope", "read,publish,decide,webhooks", "--state", "gateway"]
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        let outcome = try await Command.run(
          try Programs.python(),
          [
            Programs.script("openapi_check.py"), "--url", "http://127.0.0.1:\(gateway.port)",
            "--token", token, "--work", stage.path("schemathesis"),
          ], in: stage.folder, seconds: 400)
        #expect(outcome.status == 0, "\(outcome.said)")
        #expect(outcome.output.hasPrefix("33 operations, "), "\(outcome.said)")
        // It lives, and the customer's side goes on with it.
        let report = try await site.verifier(["report"])
        #expect(report.status == 0 || report.status == 1, "\(report.said)")
        #expect(try await verifier.stop() == 0)
        #expect(try await gateway.stop() == 0)
      }
    }
  }
}
