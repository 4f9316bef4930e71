import Testing
import Verifier

@Suite struct IdentityRulesTests {
  @Test(arguments: [
    ("datakit-agent", "datakit:hostname"),
    ("datakit-agent,basic-user", "datakit:hostname;admit:datakit-agent,basic-user"),
    (
      "header:X-Scope-OrgID=loki, query:collector ,client-certificate:X-Client-Subject,address=site",
      "datakit:hostname;admit:header:x-scope-orgid=loki,query:collector,"
        + "client-certificate:x-client-subject,address=site"
    ),
    ("basic-user=collector", "datakit:hostname;admit:basic-user"),
    ("address=address", "datakit:hostname;admit:address"),
  ])
  func `rules have one spelling, which is read back`(setting: String, text: String) throws {
    let rules = try IdentityRules(sources: setting, dataKit: nil)
    #expect(rules.text == text)
    #expect(try IdentityRules(text: text) == rules)
  }

  @Test func `without settings DataKits are known by their host names, and nobody else`() throws {
    #expect(try IdentityRules(sources: nil, dataKit: nil) == .standard)
    #expect(IdentityRules.standard.text == "datakit:hostname")
    let more = try IdentityRules(sources: nil, dataKit: "hostname+ip")
    #expect(more.text == "datakit:hostname+ip")
    #expect(try IdentityRules(text: "datakit:hostname+ip") == more)
  }

  @Test(arguments: [
    "", "header", "header:", "header:a b", "query:", "query:a&b", "basic-user:x", "basic",
    "datakit-agent=datakit", "basic-user=", "basic-user=Upper", "basic-user=a b", "address:x",
    "basic-user,basic-user", "basic-user,", "header:Authorization", "header:cookie",
    "query:token", "header:\(String(repeating: "x", count: 65))",
    (1...17).map { "header:h\($0)" }.joined(separator: ","),
    (1...6).map { "header:\(String(repeating: "x", count: 50))\($0)" }.joined(separator: ","),
  ])
  func `a list that cannot be meant is refused, and says what is wrong`(setting: String) {
    #expect {
      try IdentityRules(sources: setting, dataKit: nil)
    } throws: { error in
      (error as? SettingFault)?.message.isEmpty == false
    }
  }

  @Test(arguments: ["", "ip", "hostname+token", "HOSTNAME", "hostname+ip+runtime_id"])
  func `what names a DataKit is one of three`(setting: String) {
    #expect(throws: SettingFault.self) {
      try IdentityRules(sources: nil, dataKit: setting)
    }
  }

  @Test func `only the kinds whose names may change are said to`() throws {
    func rules(_ sources: String, _ dataKit: String? = nil) throws -> IdentityRules {
      try IdentityRules(sources: sources, dataKit: dataKit)
    }
    let old = try rules("datakit-agent,basic-user")
    #expect(old.kindsNamedDifferently(under: old).isEmpty)
    #expect(
      old.kindsNamedDifferently(under: try rules("datakit-agent,basic-user,address")) == ["address"]
    )
    #expect(
      old.kindsNamedDifferently(under: try rules("header:x,datakit-agent,basic-user"))
        == ["datakit", "collector"])
    #expect(
      old.kindsNamedDifferently(under: try rules("datakit-agent,basic-user", "hostname+ip"))
        == ["datakit"])
    #expect(old.kindsNamedDifferently(under: try rules("datakit-agent")) == ["collector"])
  }
}
