import Libcrypto
import Licensing
import Platform
import Sealing
import StartupCheck
import TestSupport
import Testing

/// The verdict as people read it in Chinese.
struct ChineseVerdictTests {
  private let vendor: Vendor

  init() throws { vendor = try Vendor() }

  private func text(
    _ license: License, running: String = "1.0", _ language: Language
  ) throws -> [String] {
    let dossier = Dossier(
      vendor, license: try vendor.licenseFile([license]), release: try vendor.releaseFile())
    let text = VerdictText.text(
      try dossier.verdict(running: running), dossier, running: RunningRelease(running),
      language: language)
    return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `every line is Chinese, and columns stand below each other`() throws {
    let lines = try text(try Vendor.license(), .chinese)
    #expect(lines.count == 14)
    #expect(lines[0] == "允许 VALID")
    #expect(lines[1] == "提示 VALID：许可证 lic_1（永久版 perpetual，修订号 1）有效，没有截止日期")
    #expect(
      Array(lines[2...]) == [
        "",
        "许可证    lic_1，系列 lin_1，修订号 1",
        "版别      永久版 perpetual",
        "客户      ACME Ltd（cus_1）",
        "产品      platform",
        "维保期限  2026-11-21 至 2027-11-20（UTC）",
        "覆盖版本  1.0，可永久使用",
        "采集器    最多 100 个，超出的照常记录",
        "支持级别  5x8",
        "发布文件  1.0，发布于 2026-11-01",
        "运行版本  1.0",
        "密钥集    1，由 https://v.example 签发于 2026-11-21T00:00:00Z",
      ])
  }

  @Test func `a denial says so, line by line as the English does`() throws {
    let license = try Vendor.license(.payg)
    let chinese = try text(license, running: "1.1", .chinese)
    let english = try text(license, running: "1.1", .english)
    #expect(chinese.count == english.count)
    #expect(chinese[0] == "拒绝 NOT_ACTIVATED")
    #expect(chinese.contains { $0.hasPrefix("拒绝 RELEASE_MISMATCH：正在运行的是 1.1") })
    #expect(chinese.contains("许可期限  2026-11-21 至 2027-11-20（UTC）"))
    #expect(chinese.contains("采集器    不限"))
  }

  @Test func `every code that keeps a check from being made is explained`() {
    let texts = StartupCheckError.Code.allCases.map(\.chinese)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == 8)
    let error = StartupCheckError(.inputUnreadable, "cannot read /x: check the path")
    #expect(error.message(in: .english) == error.message)
    #expect(
      error.message(in: .chinese)
        == "\(StartupCheckError.Code.inputUnreadable.chinese)（cannot read /x: check the path）")
  }

  @Test func `why there is no verdict needs no English beside it`() {
    let error = StartupCheckError(CannotTell.zone("Mars/Base"))
    let text = error.message(in: .chinese)
    #expect(ChineseText.complaint(text, given: ["Mars/Base"]) == nil)
    #expect(error.message(in: .english) == CannotTell.zone("Mars/Base").description)
  }

  @Test func `what the machine does not give is explained`() {
    let texts = PlatformError.Code.allCases.map(\.chinese)
    for text in texts { #expect(ChineseText.complaint(text) == nil) }
    #expect(Set(texts).count == 11)
    for code in LibcryptoError.Code.allCases {
      #expect(ChineseText.complaint(code.chinese) == nil)
    }
  }
}
