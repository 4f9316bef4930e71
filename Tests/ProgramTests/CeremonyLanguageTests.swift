import Foundation
import Testing

extension ProgramTests {
  /// What the keepers of roots read, and what their scripts read of the same.
  @Suite(.serialized) struct CeremonyLanguageTests {
    private struct Shown: Decodable {
      struct Change: Decodable {
        let op: String
        let what: String
        let kid: String?
        let use: String?
        let from: Int?
        let through: Int?
      }

      let changes: [Change]
      let not_compared: [String]?
    }

    private static let chinese = ["--lang", "zh"]
    private static let json = ["--format", "json"]

    private static func hasChinese(_ text: String) -> Bool {
      text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
    }

    private func sign(
      _ vendor: CeremonyVendor, _ machine: String, _ out: String, _ more: [String]
    ) async throws -> Outcome {
      try await vendor.offline(
        machine,
        [
          "keyset", "sign", "--draft", vendor.file("2.draft"), "--key", "root.pem",
          "--passphrase-file", "passphrase", "--trust-root", vendor.office.root, "--out",
          vendor.file(out),
        ] + more)
    }

    @Test func `a script reads what a draft changes, and no sentence, in every language`()
      async throws
    {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        let key = try await vendor.newKey("license")
        let composed = try await vendor.tally(
          ["keyset", "draft", "--out", vendor.file("2.draft")] + Self.json)
        let show = [
          "keyset", "show", "--draft", vendor.file("2.draft"), "--trust-root", vendor.office.root,
        ]
        let shown = try await vendor.offline("a", show + Self.json)
        let signed = try await sign(vendor, "a", "a.draft", Self.json + Self.chinese)
        for outcome in [composed, shown, signed] {
          let draft = try outcome.json(Shown.self)
          #expect(draft.changes.count == 1, "\(outcome.said)")
          let change = try #require(draft.changes.first)
          #expect(change.op == "add" && change.what == "key" && change.kid == key)
          #expect(change.use == "license" && (change.from ?? 0) < (change.through ?? 0))
          #expect(!Self.hasChinese(outcome.output) && !outcome.output.contains("adds"))
        }
        _ = try await sign(vendor, "b", "b.draft", [])
        let published = try await vendor.tally(
          [
            "keyset", "publish", "--draft", vendor.file("a.draft"), "--draft",
            vendor.file("b.draft"),
          ]
            + Self.json)
        #expect(try published.json(Shown.self).changes.map(\.op) == ["add"], "\(published.said)")
      }
    }

    @Test func `keepers of roots who read Chinese read every line in Chinese`() async throws {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        _ = try await vendor.newKey("license")
        let revoked = ["key", "revoke", vendor.office.keys["gateway"] ?? "", "--reason", "被盗"]
        let draft = ["keyset", "draft", "--out", vendor.file("2.draft"), "--threshold", "3"]
        let show = [
          "keyset", "show", "--draft", vendor.file("2.draft"), "--trust-root", vendor.office.root,
        ]
        var outcomes: [Outcome] = []
        outcomes.append(try await vendor.tally(revoked + Self.chinese))
        outcomes.append(try await vendor.tally(draft + Self.chinese))
        outcomes.append(try await vendor.offline("a", show + Self.chinese))
        for machine in ["a", "b", "c"] {
          outcomes.append(try await sign(vendor, machine, "\(machine).draft", Self.chinese))
        }
        let files = ["a", "b", "c"].flatMap { ["--draft", vendor.file("\($0).draft")] }
        outcomes.append(try await vendor.tally(["keyset", "publish"] + files + Self.chinese))
        #expect(outcomes.count == 7)
        for outcome in outcomes {
          #expect(outcome.status == 0 && Self.hasChinese(outcome.output), "\(outcome.said)")
          let left = EnglishLines.of(outcome.output) + EnglishLines.of(outcome.errors)
          #expect(left.isEmpty, "\(left)")
        }
        #expect(outcomes[1].output.contains("须由 3 个根密钥中的 3 个签名"), "\(outcomes[1].said)")
      }
    }

    @Test func `what a keeper did not compare is said, until it is compared`() async throws {
      try await Stage.play { stage in
        let vendor = try await CeremonyVendor.open(on: stage)
        let composed = try await vendor.tally(
          ["keyset", "draft", "--out", vendor.file("2.draft")] + Self.json)
        struct Named: Decodable { let digest: String }
        let digest = ["--digest", try composed.json(Named.self).digest]
        let after = ["--after", "1"]
        let cases: [(String, [String], [String])] = [
          ("1", [], ["digest", "after"]), ("2", digest, ["after"]), ("3", after, ["digest"]),
          ("4", digest + after, []),
        ]
        #expect(cases.count == 4)
        for (out, flags, missing) in cases {
          let text = try await sign(vendor, "a", "\(out).text", flags)
          let json = try await sign(vendor, "a", "\(out).json", flags + Self.json)
          #expect(text.status == 0 && json.status == 0, "\(text.said) \(json.said)")
          #expect(try json.json(Shown.self).not_compared == missing, "\(json.said)")
          for outcome in [text, json] {
            for (flag, word) in [("digest", "the digest"), ("after", "the keyset before")] {
              let line = "not compared: \(word)"
              #expect(
                outcome.errors.contains(line) == missing.contains(flag), "\(out): \(outcome.said)")
              #expect(outcome.errors.contains("--\(flag)") == missing.contains(flag))
            }
          }
        }
      }
    }
  }
}
