import ArgumentParser
import Authority
import Foundation
import Licensing
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
    #expect(commands.count == 30)
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

  @Test func `every error has one status`() {
    for code in AuthorityError.Code.allCases {
      let report = ErrorReport.report(AuthorityError(code, "what happened"))
      #expect(report?.message == "what happened")
      #expect(report?.status != .success)
    }
    #expect(ErrorReport.report(AuthorityError(.documentRefused, ""))?.status == .refused)
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
      return ReleaseSign.note(try Release.parse(payload.serialized))
    }
    #expect(try note("2026-11-01") == nil && note("2026-11-21") == nil)
    #expect(try note("2026-11-22") == nil)
    #expect(try note("2026-11-23")?.contains("2 days from now") == true)
    #expect(try note("2036-11-21")?.contains("through 2037-05-20") == true)
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
  }
}
