import Foundation
import Testing

extension ProgramTests {
  /// What staff is asked, or given again, where a slip would reach customers.
  @Suite(.serialized) struct OfficeQuestionTests {
    private static let registry = ["--registry", "registry"]

    @Test func `a keyset that licenses in use die with is sent out only when it is meant`()
      async throws
    {
      try await LicenseTests.play { desk in
        let (_, line) = try await desk.issue(
          "subscription", ["--years", "1", "--collectors", "5"])
        let made = try await desk.tally(["key", "new", "--use", "license"] + desk.signing)
        let new = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let revoked = try await desk.tally(
          ["key", "revoke", desk.key, "--reason", "stolen"] + Self.registry)
        #expect(revoked.status == 0, "\(revoked.said)")
        let handed = try await desk.tally(
          ["keyset", "publish", "--out", "k.keyset"] + desk.signing)
        #expect(handed.status == 1, "\(handed.said)")
        #expect(handed.errors.contains("question LICENSES_DIE: 1 license"), "\(handed.said)")
        let published = try await desk.tally(["keyset", "publish"] + desk.signing)
        #expect(published.status == 0, "\(published.said)")
        let before = try await desk.contents()
        for more in [[], ["--yes"], ["--dry-run"]] {
          let stopped = try await desk.tally(["publish", "--to", "p"] + more + Self.registry)
          #expect(stopped.status == 1, "\(stopped.said)")
          for part in ["question LICENSES_DIE", line, "ACME Ltd", "5 collectors", "--key \(new)"] {
            #expect(stopped.errors.contains(part), "\(stopped.said)")
          }
        }
        #expect(try await desk.contents() == before)
        #expect(!FileManager.default.fileExists(atPath: desk.stage.path("p")))
        let meant = try await desk.tally(
          ["publish", "--to", "meant", "--yes", "LICENSES_DIE"] + Self.registry)
        #expect(meant.status == 0, "\(meant.said)")
        let log = try await desk.contents()
        #expect(
          log.contains("0 licenses for meant (no reason was given) (confirmed: LICENSES_DIE)"),
          "\(log)")
        let copied = try await desk.license(
          ["reissue", "--all", "--signed-by", desk.key, "--key", new, "--why", "case 17"])
        #expect(copied.status == 0, "\(copied.said)")
        let done = try await desk.tally(["publish", "--to", "p"] + Self.registry)
        #expect(done.status == 0 && !done.errors.contains("question"), "\(done.said)")
      }
    }

    @Test
    func `a release that is signed already is given again, another of its version is asked about`()
      async throws
    {
      try await LicenseTests.play { desk in
        let words = [
          "release", "sign", "--product", "platform", "--version", "1.98.190", "--released",
          Day.today(),
        ]
        let build = words + ["--commit", "abc123"]
        let first = try await desk.tally(build + ["--out", "first"] + desk.signing)
        #expect(first.status == 0, "\(first.said)")
        let before = try await desk.contents()
        let again = try await desk.tally(build + ["--out", "again"] + desk.signing)
        #expect(again.status == 0 && again.errors.contains("signed already"), "\(again.said)")
        #expect(try desk.stage.text("again") == (try desk.stage.text("first")))
        for other in [words, words + ["--commit", "zzz"]] {
          for yes in [[], ["--yes"]] {
            let stopped = try await desk.tally(other + yes + desk.signing)
            #expect(
              stopped.status == 1 && stopped.errors.contains("question RELEASE_SIGNED_ANEW"),
              "\(stopped.said)")
          }
        }
        #expect(try await desk.contents() == before)
        let meant = try await desk.tally(
          words + ["--yes", "RELEASE_SIGNED_ANEW", "--out", "other"] + desk.signing)
        #expect(meant.status == 0, "\(meant.said)")
      }
    }

    @Test func `a product, a gateway and a price that nothing else has are asked about`()
      async throws
    {
      try await LicenseTests.play { desk in
        let usage = ["--years", "1", "--lease-hours", "72", "--price"]
        let gateway = ["--gateway", "https://usage.vendor.example"]
        _ = try await desk.issue("payg", usage + ["CNY 1.20"] + gateway)
        func issue(_ product: String, _ more: [String]) async throws -> Outcome {
          try await desk.license(
            [
              "issue", "--edition", "payg", "--customer", desk.customer, "--product", product,
              "--zone", "UTC", "--yes", "LINE_EXISTS",
            ] + usage + more)
        }
        let cases: [(product: String, more: [String], part: String)] = [
          ("platfrom", ["CNY 1.20"] + gateway, "question PRODUCT_NEW"),
          (
            "platform", ["CNY 120"] + gateway,
            "question PRICE_UNUSUAL: a collector costs CNY 120.00"
          ),
          (
            "platform", ["CNY 1.20", "--gateway", "https://usage.vendor.exmaple"],
            "question GATEWAY_NEW"
          ),
        ]
        let before = try await desk.contents()
        for (product, more, part) in cases {
          let stopped = try await issue(product, more)
          #expect(stopped.status == 1 && stopped.errors.contains(part), "\(stopped.said)")
        }
        let zone = try await desk.license(
          [
            "issue", "--edition", "community", "--customer", desk.customer, "--product",
            "platform", "--zone", "asia/shanghai",
          ])
        #expect(zone.status == 64 && zone.errors.contains("Asia/Shanghai differs"), "\(zone.said)")
        #expect(try await desk.contents() == before)
      }
    }
  }
}
