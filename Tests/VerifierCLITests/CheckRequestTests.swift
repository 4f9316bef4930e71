import ArgumentParser
import Testing

@testable import VerifierCLI

/// The quick reading of `check`'s command line says what the argument parser says, or nothing.
struct CheckRequestTests {
  private static func parsed(_ words: [String]) throws -> CheckRequest {
    try Check.parse(words).options.request
  }

  /// A value that each option takes.
  private static func value(_ name: String) -> String {
    switch name {
    case "format": "json"
    case "lang": "zh"
    default: "some/\(name)=value"
    }
  }

  @Test func `every option in both forms is read alike`() throws {
    let names = CheckRequest.plainNames
    #expect(names.count == 8)
    let forms: [(String) -> [String]] = [
      { ["--\($0)", Self.value($0)] }, { ["--\($0)=\(Self.value($0))"] },
    ]
    for form in forms {
      for name in names {
        let words = form(name)
        let plain = try #require(CheckRequest(plain: words), "\(words)")
        #expect(try plain == Self.parsed(words), "\(words)")
        #expect(plain != CheckRequest(), "\(words)")
      }
      let all = names.flatMap(form)
      for words in [all, names.reversed().flatMap(form), all + form("license")] {
        #expect(try CheckRequest(plain: words) == Self.parsed(words), "\(words)")
      }
    }
    #expect(try CheckRequest(plain: [String]()) == Self.parsed([]))
  }

  @Test func `the options that are read quickly are all that check has`() {
    let help = Check.helpMessage()
    let words = help.split(whereSeparator: { " \n[]".contains($0) }).filter { $0.hasPrefix("--") }
    let names = Set(words.map { $0.dropFirst(2) }).subtracting(["help", "version"])
    #expect(names == Set(CheckRequest.plainNames.map { Substring($0) }), "\(names)")
  }

  @Test func `what is not plain is left to the argument parser`() {
    let cases: [[String]] = [
      ["--help"], ["-h"], ["--license"], ["--license", "--standing", "s"], ["--license", "-x"],
      ["--license="], ["--license", ""], ["--lisence", "x"], ["more"], ["--license", "a", "b"],
      ["--"], ["--", "--license", "a"], ["--standing", "a", "--standing", "b"],
      ["--format", "xml"], ["--format=JSON"], ["-license", "a"], ["--=a"], ["--license", "-"],
      ["--trust_root", "a"], ["--running", "1.0", "--running=2.0"],
      ["--format", "json", "--format", "text"], ["--\u{301}license", "a"],
      ["--license\u{301}", "a"], ["--license=\u{301}a"], ["-\u{301}-license", "a"],
    ]
    #expect(cases.count == 25)
    for words in cases { #expect(CheckRequest(plain: words) == nil, "\(words)") }
  }

  @Test func `random command lines are never read differently`() {
    var random = Random(state: 20_261_125)
    let pieces =
      CheckRequest.plainNames.flatMap { ["--\($0)", "--\($0)=", "--\($0)=v", "--\($0)=-v"] }
      + ["a", "json", "text", "zh", "-", "--", "-x", "", "=", "--x=y"]
      + [
        "\u{301}", "-\u{301}", "--\u{301}", "许可", "--license=许可", "--license=\u{301}v",
        "--license\u{301}", "--license\u{301}=v", "--\u{301}license", "--\u{301}license=v",
        "-\u{301}-license=v", "--li\u{301}cense", "--format=json\u{301}", "--=\u{301}license=v",
      ]
    var plain = 0
    for _ in 0..<1000 {
      let words = (0..<Int(random.next() % 5)).map { _ in
        pieces[Int(random.next() % UInt64(pieces.count))]
      }
      guard let request = CheckRequest(plain: words) else { continue }
      plain += 1
      #expect((try? Self.parsed(words)) == request, "seed 20261125: \(words)")
    }
    #expect(plain > 100)
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct Random {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
