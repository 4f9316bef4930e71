import ArgumentParser
import Terminal
import Testing

@testable import VerifierCLI

/// An option that may stand once is not given twice with different values.
struct RepeatedOptionTests {
  private static func refusal(_ words: [String]) -> CommandError? {
    do throws(CommandError) { try RepeatedOption.refuse(words, many: ["--license"]) } catch {
      return error
    }
    return nil
  }

  @Test func `two values of an option are refused in every form, and it is named`() {
    let once = CheckRequest.plainNames.filter { $0 != "license" } + ["at", "until", "collectors"]
    #expect(once.count == 10)
    for name in once {
      let forms: [[String]] = [
        ["--\(name)", "1", "--\(name)", "2"], ["--\(name)=1", "--\(name)=2"],
        ["--\(name)=1", "--license", "a", "--\(name)", "2"],
        ["--\(name)", "2", "--\(name)", "2", "--\(name)", "1"],
        ["-x", "--\(name)", "1", "more", "--\(name)=2", "--"],
      ]
      for words in forms {
        let error = Self.refusal(words)
        #expect(error?.status == .usage, "\(words)")
        #expect(error?.message.contains("--\(name) is given as") == true, "\(words)")
      }
    }
  }

  @Test func `what is no contradiction is left to the argument parser`() throws {
    let cases: [[String]] = [
      [], ["--running", "1"], ["--running", "1", "--running", "1"],
      ["--running=1", "--running", "1"],
      ["--license", "a", "--license", "b"], ["--license=a", "--license=b"],
      ["--running", "1", "--", "--running", "2"], ["--help", "--running=1", "--running=2"],
      ["--running", "--running"], ["--running", "--product", "a", "--release", "b"],
    ]
    #expect(cases.count == 10)
    for words in cases { #expect(Self.refusal(words) == nil, "\(words)") }
  }

  @Test func `check's own reading takes no option twice`() {
    for name in CheckRequest.plainNames where name != "license" {
      let (first, second) =
        switch name {
        case "format": ("json", "text")
        case "lang": ("en", "zh")
        default: ("a", "b")
        }
      #expect(CheckRequest(plain: ["--\(name)", first]) != nil, "\(name)")
      #expect(CheckRequest(plain: ["--\(name)", first, "--\(name)", second]) == nil, "\(name)")
    }
  }
}
