import Foundation
import Testing

extension ProgramTests {
  /// Looking first at what cannot be taken back, and the reason of what was done.
  @Suite(.serialized) struct TrialTests {
    private static let registry = ["--registry", "registry"]

    @Test func `a trial of revoking a key shows what dies with it, and stores nothing`()
      async throws
    {
      try await LicenseTests.play { desk in
        let (id, _) = try await desk.issue("subscription", ["--years", "1", "--collectors", "5"])
        let before = try await desk.contents()
        let words = ["key", "revoke", desk.key, "--reason", "stolen", "--dry-run"] + Self.registry
        let text = try await desk.tally(words)
        #expect(text.status == 0 && text.output.contains("would be revoked"), "\(text.said)")
        #expect(text.errors.contains(id) && text.errors.contains("dry run: "), "\(text.said)")
        #expect(!text.errors.contains("next: "), "\(text.said)")
        struct Trial: Decodable {
          struct Revoked: Decodable { let reason: String }
          struct Use: Decodable { let licenses: [String] }
          let dry_run: Bool?
          let revoked: Revoked
          let in_use: Use
        }
        let json = try await desk.tally(words + ["--format", "json"]).json(Trial.self)
        #expect(json.dry_run == true && json.revoked.reason == "stolen")
        #expect(json.in_use.licenses == [id])
        let late = try await desk.tally(words + ["--at", Day.today(9)])
        #expect(late.status == 64 && late.errors.contains("future"), "\(late.said)")
        #expect(try await desk.contents() == before)
        let list = try await desk.tally(["key", "list"] + Self.registry)
        #expect(!list.output.contains("revoked"), "\(list.said)")
        let done = try await desk.tally(words.filter { $0 != "--dry-run" } + ["--format", "json"])
        #expect(try done.json(Trial.self).dry_run == nil, "\(done.said)")
        #expect(try await desk.contents() != before)
      }
    }

    @Test func `a trial of publishing asks nobody and makes nothing, and a reason is kept`()
      async throws
    {
      try await LicenseTests.play { desk in
        let (id, _) = try await desk.issue("community", [])
        let before = try await desk.contents()
        struct Plan: Decodable {
          struct Published: Decodable {
            let keyset: Int?
            let licenses: [String]
          }
          let dry_run: Bool?
          let published: Published
        }
        // Nothing listens there, and no token is given.
        for target in ["https://127.0.0.1:9", "all.publication"] {
          let words = ["publish", "--to", target, "--dry-run"] + Self.registry
          let text = try await desk.tally(words)
          #expect(text.status == 0 && text.output.contains("would be published"), "\(text.said)")
          #expect(text.errors.contains("dry run: "), "\(text.said)")
          let json = try await desk.tally(words + ["--format", "json"]).json(Plan.self)
          #expect(json.dry_run == true && json.published.keyset == 1)
          #expect(json.published.licenses == [id])
        }
        #expect(!FileManager.default.fileExists(atPath: desk.stage.path("all.publication")))
        #expect(try await desk.contents() == before)

        let quiet = try await desk.tally(["publish", "--to", "quiet"] + Self.registry)
        #expect(quiet.status == 0, "\(quiet.said)")
        #expect(try await desk.contents() == before)
        let told = try await desk.tally(
          ["publish", "--to", "told", "--why", "by courier"] + Self.registry)
        #expect(told.status == 0, "\(told.said)")
        #expect(try desk.stage.data("told") == desk.stage.data("quiet"))
        struct Row: Decodable {
          let action: String
          let why: String
          let subjects: [String]
        }
        let log = try await desk.tally(
          ["audit", "log", "--last", "1", "--format", "json"] + Self.registry
        ).json([Row].self)
        #expect(log.map(\.action) == ["publish"] && log.first?.why == "by courier")
        #expect(log.first?.subjects == ["told", "keyset 1", id])
        #expect(try await desk.tally(["audit", "verify"] + Self.registry).status == 0)
      }
    }

    @Test func `a gateway where no customer comes is asked about, and a script may mean it`()
      async throws
    {
      try await LicenseTests.play { desk in
        let words = [
          "issue", "--edition", "payg", "--customer", desk.customer, "--product", "p", "--zone",
          "UTC", "--years", "1", "--price", "CNY 1.20", "--lease-hours", "72", "--dry-run",
          "--gateway",
        ]
        let asked = [
          "https://localhost", "https://192.168.1.9:8443/tally", "https://[fd12::1]",
          "https://usage.local",
        ]
        #expect(asked.count == 4)
        for gateway in asked {
          let outcome = try await desk.license(words + [gateway])
          #expect(
            outcome.status == 1 && outcome.errors.contains("question GATEWAY_PRIVATE"),
            "\(outcome.said)")
          let meant = try await desk.license(words + [gateway, "--yes", "GATEWAY_PRIVATE"])
          #expect(
            meant.status == 0 && meant.errors.contains("confirmed GATEWAY_PRIVATE"),
            "\(meant.said)")
        }
        let usual = try await desk.license(words + ["https://usage.vendor.example"])
        #expect(usual.status == 0 && !usual.errors.contains("question"), "\(usual.said)")
      }
    }
  }
}
