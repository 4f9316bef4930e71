import Licensing
import Sealing
import TestSupport
import Testing

/// Which language is spoken to whom.
struct MessageLanguageTests {
  @Test func `a tag names its language however it is written`() {
    let tags: [(String, Language?)] = [
      ("en", .english), ("en-US", .english), ("en_GB.UTF-8", .english), ("EN", .english),
      ("zh", .chinese), ("zh-CN", .chinese), ("zh_CN", .chinese), ("zh-Hans", .chinese),
      ("zh-Hans-SG", .chinese), ("zh_SG.UTF-8", .chinese), ("zh_CN.GB18030", .chinese),
      ("zh_CN@pinyin", .chinese), ("ZH_cn", .chinese),
      // Simplified is the only Chinese here.
      ("zh_TW.UTF-8", .chinese), ("zh_HK", .chinese), ("zh-Hant", .chinese),
      ("", nil), ("C", nil), ("POSIX", nil), ("C.UTF-8", nil), ("de_DE.UTF-8", nil), ("zho", nil),
      ("z", nil), ("chinese", nil), ("zh ", nil), ("zh-", nil), ("-zh", nil), ("zh--CN", nil),
      ("\u{7A}\u{68}\u{301}", nil), (".zh", nil), ("english", nil), ("zh\0", nil),
    ]
    #expect(tags.count == 32)
    for (tag, language) in tags { #expect(Language(tag: tag) == language, "\(tag)") }
  }

  @Test func `the environment decides as POSIX has it`() {
    let environments: [([String: String], Language)] = [
      ([:], .english),
      (["LANG": "zh_CN.UTF-8"], .chinese),
      (["LANG": "zh"], .chinese),
      (["LANG": "C"], .english),
      (["LANG": "POSIX"], .english),
      (["LANG": "fr_FR.UTF-8"], .english),
      (["LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"], .english),
      (["LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"], .chinese),
      (["LANG": "en_US.UTF-8", "LC_MESSAGES": "C", "LC_ALL": "zh_SG.UTF-8"], .chinese),
      (["LANG": "zh_CN.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "C"], .english),
      // Set and empty is as if not set.
      (["LANG": "zh_CN.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""], .chinese),
      // Other categories, and GNU's own list, decide nothing.
      (["LC_CTYPE": "zh_CN.UTF-8", "LC_TIME": "zh_CN.UTF-8", "LANGUAGE": "zh"], .english),
    ]
    #expect(environments.count == 12)
    for (environment, language) in environments {
      #expect(Language(environment: environment) == language, "\(environment)")
    }
  }

  @Test func `a fault is explained in Chinese and quoted in English`() {
    #expect(Language.english.explained("磁盘已满", "no space left on /x") == "no space left on /x")
    #expect(
      Language.chinese.explained("磁盘已满", "no space left on /x") == "磁盘已满（no space left on /x）")
    #expect(Language.chinese.explained("磁盘已满", "") == "磁盘已满")
  }

  @Test func `what refuses a document has its meaning in Chinese`() {
    let texts = Refusal.Code.allCases.map(\.chinese)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == 9)
  }
}
