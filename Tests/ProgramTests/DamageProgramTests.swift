import Foundation
import Testing

extension ProgramTests {
  /// Files that are not what they should be, each given to a whole process.
  ///
  /// Here a sample; every byte is tried inside the process by the tests of the check itself.
  @Suite(.serialized) struct DamageTests {
    /// No damaged file is ever allowed, traps, or goes without a name for what is wrong.
    static func expectRefusal(_ outcome: Outcome, _ name: String) {
      #expect(outcome.status == 1, "\(name): \(outcome.said)")
      guard outcome.status == 1, let report = try? outcome.json(VerdictReport.self) else {
        Issue.record("\(name): no verdict: \(outcome.said)")
        return
      }
      #expect(report.verdict == "deny", "\(name): \(outcome.said)")
      #expect(report.findings.allSatisfy { !$0.message.isEmpty }, "\(name)")
    }

    @Test func `files that hold no license are refused as such`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let release = try Data(contentsOf: URL(fileURLWithPath: office.release))
        let cases: [(String, Data, [String])] = [
          ("empty", Data(), ["MALFORMED"]),
          ("a line feed", Data("\n".utf8), ["MALFORMED"]),
          ("prose", Data("Dear customer, your license is attached.\n".utf8), ["MALFORMED"]),
          (
            "binary", Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 11) }),
            [
              "DAMAGED", "MALFORMED",
            ]
          ),
          ("zeros", Data(count: 4096), ["DAMAGED", "MALFORMED"]),
          ("a page of HTML", Data("<html><body>404</body></html>".utf8), ["MALFORMED"]),
          ("JSON", Data("{\"license\":true}".utf8), ["MALFORMED"]),
          ("a release", release, ["WRONG_KIND", "NO_LICENSE", "MALFORMED"]),
          ("16 MiB", Data(repeating: 0x41, count: 16 << 20), ["DAMAGED", "MALFORMED"]),
        ]
        #expect(cases.count == 9)
        for (name, data, codes) in cases {
          try stage.write("file", data)
          let outcome = try await office.check(stage.path("file"), on: stage)
          Self.expectRefusal(outcome, name)
          let report = try outcome.json(VerdictReport.self)
          #expect(codes.contains(report.code), "\(name): \(outcome.said)")
        }
      }
    }

    @Test func `a license cut off anywhere is refused`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let whole = try await Self.license(office, stage)
        var cuts = 0
        for length in stride(from: 50, to: whole.count - 1, by: 50) {
          try stage.write("cut", whole.prefix(length))
          Self.expectRefusal(
            try await office.check(stage.path("cut"), on: stage), "the first \(length) bytes")
          cuts += 1
        }
        #expect(cuts > 40)
      }
    }

    @Test func `a license with a changed byte is refused, or is the same license`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let whole = try await Self.license(office, stage)
        var changed = 0
        for index in stride(from: 0, to: whole.count, by: 97) {
          var data = whole
          data[index] ^= 0x01
          try stage.write("changed", data)
          let outcome = try await office.check(stage.path("changed"), on: stage)
          let line = Self.line(of: index, in: whole)
          changed += 1
          let isOutside = line.isEmpty || line.hasPrefix("-----")
          if isOutside && outcome.status == 0 { continue }
          Self.expectRefusal(outcome, "byte \(index), in \(line)")
        }
        #expect(changed > 20)
      }
    }

    static func license(_ office: VendorOffice, _ stage: Stage) async throws -> Data {
      try await office.issue(.subscription, to: stage.path("whole"))
      let outcome = try await office.check(stage.path("whole"), on: stage)
      #expect(outcome.status == 0, "\(outcome.said)")
      return try stage.data("whole")
    }

    /// The line in which a byte stands.
    static func line(of index: Int, in data: Data) -> String {
      let start = data[..<index].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      let end = data[index...].firstIndex(of: 0x0A) ?? data.count
      return String(decoding: data[start..<max(start, end)], as: UTF8.self)
    }

    @Test func `what mail does to a license does not matter`() async throws {
      let office = try await VendorOffice.shared()
      try await Stage.play { stage in
        let text = String(decoding: try await Self.license(office, stage), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let mails: [(String, String)] = [
          ("CRLF", lines.joined(separator: "\r\n")),
          ("quoted", lines.map { "> \($0)" }.joined(separator: "\n")),
          ("indented", lines.map { "    \($0)" }.joined(separator: "\n")),
          ("blank lines", lines.joined(separator: "\n\n")),
          (
            "long dashes",
            text.split(separator: "-----", omittingEmptySubsequences: false)
              .joined(separator: "—")
          ),
          ("prose around", "Dear customer,\n\n\(text)\n-- \nThe vendor\n"),
        ]
        #expect(mails.count == 6)
        for (name, mail) in mails {
          try stage.write("mail", mail)
          let outcome = try await office.check(stage.path("mail"), on: stage)
          #expect(outcome.status == 0, "\(name): \(outcome.said)")
        }
      }
    }
  }
}
