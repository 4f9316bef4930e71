import Libcrypto
import Licensing
import Sealing
import TestSupport
import Testing

@testable import Authority

/// What a keyset changes: one value, from which programs have an object and people a sentence.
@Suite struct KeysetChangeTests {
  /// 43 characters of base64url, of which the last one holds four bits.
  private static func thumbprint(_ letter: Character) throws -> Thumbprint {
    try #require(Thumbprint(String(repeating: letter, count: 42) + "A"))
  }

  private static func key(
    through: Int64 = 200, _ constraints: KeyConstraints = KeyConstraints()
  ) throws -> OnlineKey {
    OnlineKey(
      key: try PublicKey(ed25519: [UInt8](repeating: 7, count: 32)), use: .license, from: 100,
      through: through, constraints: constraints)
  }

  private static func all() throws -> [(KeysetChange, String, String)] {
    let first = try thumbprint("A")
    let key = try key()
    let capped = try Self.key(through: 300, KeyConstraints(products: ["x"]))
    let revoked = RevokedKey(kid: first, at: 60, reason: "stolen in May")
    let members =
      #""use":"license","alg":"EdDSA","from":100,"through":200,"constraints":{}"#
    let more =
      #""use":"license","alg":"EdDSA","from":100,"through":300,"constraints":{"products":["x"]}"#
    let kid = #""kid":"\#(first)""#
    return [
      (.addsRoot(first), #"{"op":"add","what":"root",\#(kid)}"#, "adds root \(first)"),
      (.removesRoot(first), #"{"op":"remove","what":"root",\#(kid)}"#, "removes root \(first)"),
      (
        .setsThreshold(2, of: 3, was: nil),
        #"{"op":"set","what":"threshold","threshold":2,"roots":3,"was":null}"#,
        "asks for 2 of 3 roots"
      ),
      (
        .setsThreshold(2, of: 3, was: 1),
        #"{"op":"set","what":"threshold","threshold":2,"roots":3,"was":1}"#,
        "asks for 2 of 3 roots, until now 1"
      ),
      (
        .addsKey(key, first), #"{"op":"add","what":"key",\#(kid),\#(members)}"#,
        "adds license key \(first) (EdDSA, from 1970-01-01T00:01:40Z through 1970-01-01T00:03:20Z)"
      ),
      (
        .removesKey(key, first), #"{"op":"remove","what":"key",\#(kid),\#(members)}"#,
        "removes license key \(first) (EdDSA, from 1970-01-01T00:01:40Z through "
          + "1970-01-01T00:03:20Z)"
      ),
      (
        .changesKey(key, to: capped, first),
        #"{"op":"change","what":"key",\#(kid),\#(more),"was":{\#(members)}}"#,
        "changes license key \(first) (EdDSA, from 1970-01-01T00:01:40Z through "
          + "1970-01-01T00:03:20Z) to license key \(first) (EdDSA, from 1970-01-01T00:01:40Z "
          + #"through 1970-01-01T00:05:00Z, limited: {"products":["x"]})"#
      ),
      (
        .revokesKey(revoked),
        #"{"op":"revoke","what":"key",\#(kid),"at":60,"reason":"stolen in May"}"#,
        "revokes key \(first), as of 1970-01-01T00:01:00Z: stolen in May"
      ),
      (
        .forgetsRevocation(revoked),
        #"{"op":"unrevoke","what":"key",\#(kid),"at":60,"reason":"stolen in May"}"#,
        "no longer revokes key \(first), which was revoked: stolen in May"
      ),
      (
        .renewsDate, #"{"op":"renew","what":"date"}"#,
        "changes no key: it renews the keyset's date"
      ),
      (
        .skipsEpochs(from: 2, through: 2), #"{"op":"skip","what":"epoch","from":2,"through":2}"#,
        "leaves out the number 2, which no keyset can have from then on"
      ),
      (
        .skipsEpochs(from: 2, through: 4), #"{"op":"skip","what":"epoch","from":2,"through":4}"#,
        "leaves out the number 2 to 4, which no keyset can have from then on"
      ),
    ]
  }

  @Test func `each change is an object without sentences, and a sentence in two languages`() throws
  {
    let all = try Self.all()
    #expect(all.count == 12)
    let given = [
      "stolen in May", #"{"products":["x"]}"#, "license", "EdDSA", "1970-01-01T00:01:00Z",
      "1970-01-01T00:01:40Z", "1970-01-01T00:03:20Z", "1970-01-01T00:05:00Z",
      try Self.thumbprint("A").text,
    ]
    for (change, json, english) in all {
      #expect(change.json.text == json)
      #expect(change.words.english == english)
      #expect(ChineseText.complaint(change.words.chinese, given: given) == nil)
    }
  }

  @Test func `the signatures that a draft has and lacks are told in both languages`() throws {
    let (first, second) = (try Self.thumbprint("A"), try Self.thumbprint("B"))
    let lacking = SignatureTally(
      isNew: true, threshold: 2, signed: [], unsigned: [first, second])
    #expect(
      lacking.words.english
        == "0 of the 2 signatures that the new roots need, 2 missing from \(first), "
        + "\(second)")
    let whole = SignatureTally(isNew: false, threshold: 1, signed: [first], unsigned: [])
    #expect(whole.words.english == "1 of the 1 signatures that the roots in force need")
    for tally in [lacking, whole] {
      #expect(
        ChineseText.complaint(tally.words.chinese, given: [first.text, second.text])
          == nil)
    }
  }
}
