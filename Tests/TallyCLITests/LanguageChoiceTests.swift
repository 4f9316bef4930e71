import Authority
import Licensing
import Sealing
import TestSupport
import Testing
import Terminal

@testable import TallyCLI

/// The language of a command, and what its errors say in it.
struct LanguageChoiceTests {
  private let chinese = ["LANG": "zh_CN.UTF-8"]

  @Test func `the flag comes before the environment`() throws {
    #expect(try Language(flag: nil, environment: [:]) == .english)
    #expect(try Language(flag: nil, environment: chinese) == .chinese)
    #expect(try Language(flag: "en", environment: chinese) == .english)
    for flag in ["zh", "zh-CN", "zh_CN", "zh-Hans", "zh-TW"] {
      #expect(try Language(flag: flag, environment: [:]) == .chinese, "\(flag)")
    }
  }

  @Test func `another language is wrong usage that names the choices`() {
    for flag in ["", "C", "de", "xx", "chinese", "zh;"] {
      do {
        _ = try Language(flag: flag, environment: chinese)
        Issue.record("\(flag) was taken")
      } catch {
        #expect(error.status == .usage)
        #expect(error.message.contains("en and zh"))
      }
    }
  }

  @Test func `why a command failed is said in the language of its flags`() {
    func language(_ arguments: [String], _ environment: [String: String] = [:]) -> Language {
      Language(arguments: ["tally"] + arguments, environment: environment)
    }
    #expect(language(["status"]) == .english)
    #expect(language(["status"], chinese) == .chinese)
    #expect(language(["status", "--lang", "zh"]) == .chinese)
    #expect(language(["status", "--lang=zh_CN"]) == .chinese)
    #expect(language(["--lang", "zh", "--lang", "en"], chinese) == .english)
    // A value that is no language leaves the environment's.
    #expect(language(["--lang", "de"], chinese) == .chinese)
    #expect(language(["--lang"], chinese) == .chinese)
    #expect(language(["--", "--lang", "zh"]) == .english)
  }

  @Test func `the flag is taken off the words of a command, wherever it stands`() throws {
    let good: [([String], [String])] = [
      ([], []), (["license", "list"], ["license", "list"]),
      (["--lang", "zh", "license", "list"], ["license", "list"]),
      (["license", "list", "--lang=zh_CN", "--line", "x"], ["license", "list", "--line", "x"]),
      (["license", "list", "--", "--lang", "xx"], ["license", "list", "--", "--lang", "xx"]),
      (["--lang", "en", "audit", "log", "--lang", "zh"], ["audit", "log"]),
    ]
    #expect(good.count == 6)
    for (words, rest) in good { #expect(try Language.withoutFlag(words) == rest, "\(words)") }
    for bad in [["--lang"], ["--lang", "de"], ["--lang="], ["license", "--lang", "list"]] {
      let error = #expect(throws: CommandError.self) { try Language.withoutFlag(bad) }
      #expect(error?.status == .usage && error?.message.contains("en and zh") == true, "\(bad)")
    }
  }

  @Test func `every question is explained in a text of its own`() {
    let texts = Confirmation.knownCodes.map { code in
      IssuingQuestion(code: code, member: "", message: "").chinese ?? "\(code) has none"
    }
    #expect(texts.count == 48)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == texts.count)
    #expect(IssuingQuestion(code: "NO_SUCH", member: "", message: "").chinese == nil)
  }

  @Test func `every code of the authority is explained in a text of its own`() {
    let texts = AuthorityError.Code.allCases.map(\.chinese)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == AuthorityError.Code.allCases.count)
  }

  @Test func `an error is explained in Chinese and quoted in English`() throws {
    let errors: [any Error] =
      AuthorityError.Code.allCases.map { AuthorityError($0, "what happened") }
      + [
        CommandError(.usage, "what happened"), CommandError(.refused, "what happened"),
        CommandError(.fault, "what happened"),
      ]
    for error in errors {
      let english = try #require(ErrorReport.report(error))
      let chinese = try #require(ErrorReport.report(error, in: .chinese))
      #expect(english.message == "what happened")
      #expect(chinese.status == english.status)
      #expect(chinese.message.hasSuffix("（what happened）"))
      #expect(ChineseText.complaint(chinese.message, given: ["（what happened）"]) == nil)
    }
    let refused = CommandError(
      .refused, "x", refusal: Refusal(.signatureInvalid, "the signature does not verify"))
    let report = try #require(ErrorReport.report(refused, in: .chinese))
    #expect(report.message.contains(Refusal.Code.signatureInvalid.chinese))
  }
}
