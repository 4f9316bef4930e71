import ArgumentParser
import Authority
import Foundation
import Licensing
import Platform
import Reporting
import Sealing
@testable import TallyCLI
import Terminal
import Testing

@Suite struct CommandTests {
  private static func walk(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    [command] + command.configuration.subcommands.flatMap(walk)
  }

  @Test func `every command has help and an example`() {
    let commands = Self.walk(Tally.self)
    #expect(commands.count == 52)
    for command in commands {
      #expect(!command.configuration.abstract.isEmpty, "\(command)")
      #expect(command.configuration.discussion.contains("Example: tally "), "\(command)")
      #expect(Tally.helpMessage(for: command).contains("USAGE: tally"), "\(command)")
    }
  }

  private static let common = [
    "license", "issue", "--customer", "cus_1", "--product", "p", "--zone", "Asia/Shanghai",
    "--edition",
  ]
  private static let good: [(String, [String])] = [
    ("subscription", ["--years", "1", "--collectors", "10"]),
    ("perpetual", ["--days", "400", "--collectors", "10", "--release", "1.0"]),
    (
      "payg",
      [
        "--through", "2027-01-01", "--price", "CNY 1.20", "--lease-hours", "72", "--gateway",
        "http://127.0.0.1:1",
      ]
    ),
    ("community", []),
  ]

  @Test func `each edition parses with what it needs, and names the flag that is missing`() throws {
    #expect(Self.good.count == 4)
    for (edition, flags) in Self.good {
      let command = try Tally.parseAsRoot(Self.common + [edition] + flags)
      #expect(command is LicenseIssue)
      for index in stride(from: 0, to: flags.count, by: 2) {
        var less = flags
        less.removeSubrange(index...index + 1)
        let error = #expect(throws: (any Error).self) {
          try Tally.parseAsRoot(Self.common + [edition] + less)
        }
        let message = error.map { Tally.message(for: $0) } ?? ""
        #expect(message.contains(flags[index]), "\(edition) without \(flags[index]): \(message)")
        #expect(error.map { Tally.exitCode(for: $0).rawValue } == 64)
      }
    }
  }

  @Test func `flags that have no place, or no sense, are refused by name`() throws {
    let bad: [(String, [String], String)] = [
      ("community", ["--years", "1"], "--years"),
      ("community", ["--from", "2026-11-21"], "--from"),
      ("community", ["--gateway", "https://g.example"], "--gateway"),
      ("community", ["--grace-days", "1"], "--grace-days"),
      ("community", ["--price", "CNY 1"], "--price"),
      ("community", ["--release", "1"], "--release"),
      ("community", ["--lease-hours", "1"], "--lease-hours"),
      ("community", ["--overage", "record"], "--overage"),
      ("community", ["--window", "0"], "--window"),
      ("community", ["--dwell", "299"], "--dwell"),
      ("community", ["--collectors", "0"], "--collectors"),
      ("community", ["--installations", "0"], "--installations"),
      ("community", ["--reporting", "daily"], "--reporting"),
      ("subscription", ["--collectors", "1", "--years", "1", "--days", "3"], "--days"),
      ("subscription", ["--collectors", "1", "--years", "0"], "--years"),
      ("subscription", ["--collectors", "1", "--years", "1", "--reporting", "daily"], "--gateway"),
      (
        "subscription",
        ["--collectors", "1", "--years", "1", "--gateway", "http://g.example"], "--gateway"
      ),
      ("payg", ["--years", "1", "--price", "CNY 1.234", "--lease-hours", "72"], "--price"),
      (
        "payg",
        [
          "--years", "1", "--price", "CNY 1", "--lease-hours", "72", "--gateway",
          "https://g.example", "--reporting", "daily",
        ], "--reporting"
      ),
      ("community", ["--sneaky", "1"], "--sneaky"),
    ]
    #expect(bad.count == 20)
    for (edition, flags, name) in bad {
      let error = #expect(throws: (any Error).self) {
        try Tally.parseAsRoot(Self.common + [edition] + flags)
      }
      let message = error.map { Tally.message(for: $0) } ?? ""
      #expect(message.contains(name), "\(edition) \(flags): \(message)")
    }
  }

  @Test func `what never changes within a line is refused by name, and so is what is missing`()
    throws
  {
    let bad: [([String], String)] = [
      (["amend", "lin_1", "--why", "w"], "nothing to amend"),
      (["amend", "lin_1", "--collectors", "5"], "--why"),
      (["amend", "lin_1", "--zone", "UTC", "--why", "w"], "--zone never changes"),
      (["amend", "lin_1", "--customer", "cus_2", "--why", "w"], "--customer never changes"),
      (["amend", "lin_1", "--product", "p", "--why", "w"], "--product never changes"),
      (["amend", "lin_1", "--collectors", "0", "--why", "w"], "--collectors"),
      (["amend", "lin_1", "--no-limit", "--collectors", "5", "--why", "w"], "--no-limit"),
      (["amend", "lin_1", "--gateway", "http://g.example", "--why", "w"], "--gateway"),
      (["amend", "cus_1", "--collectors", "5", "--why", "w"], "cus_1"),
      (["renew", "lin_1"], "--years"),
      (["renew", "lin_1", "--years", "1", "--zone", "UTC"], "--zone never changes"),
      (["renew", "lin_1", "--years", "1", "--basis", "tomorrow"], "tomorrow"),
      (["reissue", "--key", key, "--why", "w"], "--all"),
      (["reissue", "lin_1", "--all", "--key", key, "--why", "w"], "--all"),
      (["reissue", "--all", "--why", "w"], "--key"),
      (["reissue", "--all", "--key", key], "--why"),
      (["list", "--expiring", "2 months"], "2 months"),
      (["list", "--expiring", "-1d"], "--expiring"),
    ]
    #expect(bad.count == 18)
    for (flags, words) in bad {
      let error = #expect(throws: (any Error).self, "\(flags)") {
        try Tally.parseAsRoot(["license"] + flags)
      }
      let message = error.map { Tally.message(for: $0) } ?? ""
      #expect(message.contains(words), "\(flags): \(message)")
      #expect(error.map { Tally.exitCode(for: $0).rawValue } == 64, "\(flags)")
    }
    for flags in [
      ["amend", "lic_1", "--no-limit", "--why", "w"],
      ["amend", "lin_1", "--from", "2027-01-01", "--why", "w", "--dry-run"],
      ["renew", "lin_1", "--edition", "payg", "--days", "1", "--yes"],
      ["reissue", "lin_1", "lic_1", "--key", key, "--why", "w"], ["list", "--expiring", "60d"],
    ] {
      #expect(throws: Never.self, "\(flags)") { try Tally.parseAsRoot(["license"] + flags) }
    }
  }

  private let key = String(repeating: "A", count: 43)

  @Test func `a time is so many days`() {
    let good: [(String, Int64)] = [("60d", 60), ("0d", 0), ("7", 7), ("36600d", 36_600)]
    #expect(good.count == 4)
    for (text, days) in good { #expect(DayCount(argument: text)?.days == days, "\(text)") }
    let bad = ["", "d", "60 d", "60w", "-1d", "+1d", "36601d", "99999999999999999999d", "6٠d"]
    #expect(bad.count == 9)
    for text in bad { #expect(DayCount(argument: text) == nil, "\(text)") }
  }

  @Test func `every error has one status`() {
    for code in AuthorityError.Code.allCases {
      let report = ErrorReport.report(AuthorityError(code, "what happened"))
      #expect(report?.message == "what happened")
      #expect(report?.status != .success)
    }
    #expect(ErrorReport.report(AuthorityError(.documentRefused, ""))?.status == .refused)
    #expect(ErrorReport.report(AuthorityError(.questionsOpen, ""))?.status == .refused)
    #expect(ErrorReport.report(AuthorityError(.inputInvalid, ""))?.status == .usage)
    #expect(ErrorReport.report(AuthorityError(.storeUnavailable, ""))?.status == .fault)
    #expect(ErrorReport.report(ValidationError("")) == nil)
  }

  @Test func `a misspelt variable stops the start`() throws {
    try Variables.check(["TALLY_REGISTRY": "r", "TALLY_GATEWAY_STATE": "s", "HOME": "h"])
    let error = #expect(throws: CommandError.self) {
      try Variables.check(["TALLY_REGISTY": "r"])
    }
    #expect(error?.status == .usage)
    #expect(error?.message.contains("TALLY_REGISTY") == true)
  }

  @Test func `a token goes over https, or stays on the machine`() {
    let good = [
      "https://g.example", "https://g.example:8443/base/", "http://127.0.0.1:8080",
      "http://localhost", "http://[::1]:80", "http://127.9.9.9",
    ]
    let bad = [
      "http://g.example", "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example",
      "http://localhost.evil.example", "ftp://g.example", "https://", "https://u:p@g.example",
      "https://g.example/?x", "https://g.example/#x", "https://g .example", "file", "http://[::2]",
      "http://[::1].evil.example", "http://127.1.2", "",
    ]
    #expect(good.count == 6 && bad.count == 15)
    for text in good { #expect(GatewayAddress(text) != nil, "\(text)") }
    for text in bad { #expect(GatewayAddress(text) == nil, "\(text)") }
    #expect(GatewayAddress("https://g.example/")?.text == "https://g.example")
  }

  @Test func `a release of another day than it should be is remarked on`() throws {
    func note(_ released: String) throws -> String? {
      let payload: JSONValue = [
        "ver": 1, "iss": "v", "iat": 1_795_219_200, "epoch": 1, "product": "p", "version": "1",
        "released": .string(released),
      ]
      return ReleaseSign.note(try Release.parse(payload.serialized))?.english
    }
    #expect(try note("2026-11-01") == nil && note("2026-11-21") == nil)
    #expect(try note("2026-11-22") == nil)
    #expect(try note("2026-11-23")?.contains("2 days from now") == true)
    #expect(try note("2026-12-22")?.contains("through 2027-06-20") == true)
  }

  @Test func `output cut short by a full disk is a fault, a reader that has gone is none`() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    #expect(Output.write("data", to: full.fileDescriptor) == "No space left on device")
    let none = try #require(FileHandle(forWritingAtPath: "/dev/null"))
    #expect(Output.write("data", to: none.fileDescriptor) == nil)
    #expect(Output.write("data", to: -1) == nil)
  }

  @Test func `what came from outside cannot move the cursor`() {
    #expect(
      Printable.text("a\u{1B}[2Jb\u{202E}c\u{9B}d\r") == "a\\u{1b}[2Jb\\u{202e}c\\u{9b}d\\u{d}")
    #expect(Printable.text("阿里巴巴 Ltd\nnext") == "阿里巴巴 Ltd\nnext")
    #expect(Printable.line("阿里巴巴 Ltd\nnext\r\n") == "阿里巴巴 Ltd\\u{a}next\\u{d}\\u{a}")
    #expect(Printable.line(Printable.line("\u{1B}\n")) == Printable.line("\u{1B}\n"))
  }

  @Test func `JSON for a terminal says the same and steers nothing`() throws {
    let all = (Array(0..<0x20) + Array(0x7F..<0xA0) + [0x061C, 0x200E, 0x2028, 0x202E, 0x2069])
      .compactMap(Unicode.Scalar.init(_:)).map { String(Character($0)) }.joined()
    let value = JSONValue.object([JSONMember("a\u{9B}阿", .string(all)), JSONMember("b", true)])
    let text = Printable.json(value.indentedText)
    #expect(Printable.text(text) == text)
    #expect(text.contains("\\u009b阿") && text.contains("\n"))
    #expect(try JSONScanner.scan(Array(text.utf8)) == value)
  }

  @Test func `a cell of a table cannot begin a row`() {
    var table = TextTable(["NAME", "STATE"])
    table.add(["ACME\nfake", "a\u{1B}[2J"])
    #expect(table.text == "NAME           STATE\nACME\\u{a}fake  a\\u{1b}[2J")
  }
}
