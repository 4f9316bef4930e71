import Foundation
import Glibc
import Testing

extension ProgramTests {
  @Suite(.serialized) struct ZoneFileTests {
    private static func check(_ zones: String, on stage: Stage) async throws -> Outcome {
      let office = try await VendorOffice.shared()
      return try await stage.run(
        "tally-verifier",
        [
          "check", "--license", "good", "--release", office.release, "--running",
          VendorOffice.version,
        ] + office.trust, environment: ["TZDIR": zones])
    }

    @Test func `a pipe in place of a zone file is refused at once`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        let zones = stage.path("zones")
        try FileManager.default.createDirectory(
          atPath: "\(zones)/Asia", withIntermediateDirectories: true)
        try #require(unsafe mkfifo("\(zones)/\(VendorOffice.zone)", 0o600) == 0)
        let outcome = try await Self.check(zones, on: stage)
        #expect(outcome.status == 2, "\(outcome.said)")
        #expect(outcome.errors.contains(VendorOffice.zone), "\(outcome.said)")
      }
    }

    @Test func `an empty TZDIR counts as none`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        try await office.issue(.subscription, to: stage.path("good"))
        let outcome = try await Self.check("", on: stage)
        #expect(outcome.status == 0, "\(outcome.said)")
      }
    }
  }
}
