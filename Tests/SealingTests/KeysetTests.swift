import Libcrypto
import Sealing
import Testing
import TestSupport

/// Who may make a keyset, and which of several is taken.
struct KeysetTests {
  private let keys: [EVPSigner]
  private let base: Keyset
  private let crypto = LibcryptoProvider()

  init() throws {
    keys = try (1...6).map { try ForgingKey.ed25519($0) }
    base = try SlotVendor().keyset
  }

  private func roots(_ indices: [Int], threshold: Int) throws -> RootKeys {
    try RootKeys(threshold: threshold, keys: indices.map { keys[$0].publicKey })
  }

  private func text(_ epoch: Int64, _ roots: RootKeys, signedBy signers: [Int]) throws -> String {
    try ForgedDocument.keyset(
      base.with(epoch: epoch, roots: roots), signedBy: signers.map { keys[$0] })
  }

  private func epoch(_ roots: RootKeys, _ keysets: [String]) -> Result<Int64, Refusal> {
    Result { () throws(Refusal) in
      try TrustSet.establish(roots: roots, keysets: keysets, using: crypto).keyset.epoch
    }
  }

  private func expect(
    _ result: Result<Int64, Refusal>, is epoch: Int64,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect((try? result.get()) == epoch, sourceLocation: sourceLocation)
  }

  private func expect(
    _ result: Result<Int64, Refusal>, is code: Refusal.Code,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: Refusal(code, ""), sourceLocation: sourceLocation) { try result.get() }
  }

  @Test func `a threshold counts distinct keys among the roots`() throws {
    let roots = try roots([0, 1, 2], threshold: 2)
    for (signers, isEnough) in [
      ([], false), ([0], false), ([0, 0], false), ([0, 0, 0, 0], false), ([0, 3], false),
      ([3, 4, 5], false), ([0, 1], true), ([1, 2], true), ([2, 0], true), ([0, 1, 2], true),
      ([0, 0, 1], true), ([3, 0, 4, 1], true),
    ] as [([Int], Bool)] {
      let result = epoch(roots, [try text(7, roots, signedBy: signers)])
      #expect(((try? result.get()) != nil) == isEnough, "\(signers)")
      if !isEnough { expect(result, is: .signatureInvalid) }
    }
  }

  @Test func `one key under two names is one key`() throws {
    let roots = try roots([0, 1], threshold: 2)
    let payload = base.with(roots: roots).json.serialized
    let header = ForgedDocument.header(
      kid: "\"\(keys[1].thumbprint)\"", type: "\"tally-keyset+jwt\"")
    let input = ForgedDocument.signingInput(header: header, payload: payload)
    let forged = (Array(header.utf8), try keys[0].sign(Array(input.utf8)))
    let right = try KeysetDocument.sign(payload, by: keys[0])
    expect(
      epoch(roots, [KeysetDocument.text(payload: payload, signatures: [right, forged])]),
      is: .signatureInvalid)
  }

  @Test func `roots that cannot be met or stand twice are malformed`() throws {
    let two = [keys[0].publicKey, keys[1].publicKey]
    for threshold in [-1, 0, 3, 17] {
      #expect(throws: Refusal.malformed("")) { try RootKeys(threshold: threshold, keys: two) }
    }
    #expect(throws: Refusal.malformed("")) { try RootKeys(threshold: 1, keys: []) }
    #expect(throws: Refusal.malformed("")) { try RootKeys(threshold: 1, keys: [two[0], two[0]]) }
  }

  @Test func `a keyset of other roots is refused`() throws {
    let ours = try roots([0], threshold: 1)
    let theirs = try roots([1], threshold: 1)
    expect(epoch(ours, [try text(7, theirs, signedBy: [1])]), is: .signatureInvalid)
    expect(epoch(theirs, [try text(7, theirs, signedBy: [1])]), is: 7)
  }

  @Test func `a change of roots needs the old threshold and the new`() throws {
    let old = try roots([0, 1], threshold: 2)
    let new = try roots([1, 2, 3], threshold: 2)
    for (signers, isEnough) in [
      ([0, 1], false), ([2, 3], false), ([0, 2, 3], false), ([1, 2, 3], false), ([0, 1, 2], true),
      ([0, 1, 2, 3], true),
    ] as [([Int], Bool)] {
      let result = epoch(old, [try text(8, new, signedBy: signers)])
      #expect(((try? result.get()) != nil) == isEnough, "\(signers)")
    }
  }

  @Test func `a raised threshold is a change of roots`() throws {
    let old = try roots([0, 1], threshold: 1)
    let new = try roots([0, 1], threshold: 2)
    expect(epoch(old, [try text(8, new, signedBy: [0])]), is: .signatureInvalid)
    expect(epoch(old, [try text(8, new, signedBy: [0, 1])]), is: 8)
  }

  @Test func `a chain of changed roots is followed in any order of the file`() throws {
    let first = try roots([0], threshold: 1)
    let second = try roots([1], threshold: 1)
    let third = try roots([2], threshold: 1)
    let chain = [
      try text(2, second, signedBy: [0, 1]), try text(3, second, signedBy: [1]),
      try text(5, third, signedBy: [1, 2]), try text(6, third, signedBy: [2]),
    ]
    for keysets in [chain, chain.reversed(), [chain[2], chain[0], chain[3], chain[1]]] {
      expect(epoch(first, keysets), is: 6)
    }
    let trust = try TrustSet.establish(roots: first, keysets: chain, using: crypto)
    #expect(trust.chain == [chain[0], chain[2], chain[3]])
    expect(epoch(first, trust.chain), is: 6)
    expect(epoch(first, [chain[0], chain[3]]), is: .signatureInvalid)
    expect(epoch(first, [chain[3]]), is: .signatureInvalid)
  }

  @Test func `who has seen an epoch takes no lower one and stays with what is known`() throws {
    let roots = try roots([0], threshold: 1)
    let (five, six, seven) = (
      try text(5, roots, signedBy: [0]), try text(6, roots, signedBy: [0]),
      try text(7, roots, signedBy: [0])
    )
    let known = try TrustSet.establish(roots: roots, keysets: [six], using: crypto)
    #expect(try known.advanced(by: [five]).keyset.epoch == 6)
    #expect(try known.advanced(by: []).keyset.epoch == 6)
    #expect(try known.advanced(by: [seven, five]).keyset.epoch == 7)
    #expect(try known.advanced(by: [seven]).root == known.root)
  }

  @Test func `a forged keyset changes nothing and is refused only as the newest`() throws {
    let roots = try roots([0], threshold: 1)
    let right = try text(7, roots, signedBy: [0])
    let forgedHigh = try text(9, roots, signedBy: [3])
    let forgedLow = try text(6, roots, signedBy: [3])
    expect(epoch(roots, [forgedHigh, right]), is: .signatureInvalid)
    expect(epoch(roots, [right, forgedLow]), is: 7)
    let known = try TrustSet.establish(roots: roots, keysets: [right], using: crypto)
    #expect(throws: Refusal(.signatureInvalid, "")) { try known.advanced(by: [forgedHigh]) }
  }

  @Test func `without any keyset nothing is known`() throws {
    expect(epoch(try roots([0], threshold: 1), []), is: .unknownKey)
  }

  @Test func `the general serialization is as strict as any document`() throws {
    let roots = try roots([0], threshold: 1)
    let right = try text(7, roots, signedBy: [0])
    expect(epoch(roots, [right]), is: 7)
    let wrong = [
      "", "{}", "[]", right + "x", right + right, "{\"payload\":\"\",\"signatures\":[]}",
      right.replacing("\"payload\"", with: "\"Payload\""),
      right.replacing("{\"payload\"", with: "{\"header\":{},\"payload\""),
      right.replacing("\"protected\"", with: "\"header\":{\"alg\":\"none\"},\"protected\""),
      right.replacing("{\"payload\"", with: "{\"payload\":\"AA\",\"payload\""),
      right.replacing("{\"payload\"", with: "{\"\\u0070ayload\":\"AA\",\"payload\""),
      String(right.dropLast()),
    ]
    for text in wrong { expect(epoch(roots, [text]), is: .malformed) }
    #expect(wrong.count == 12)
  }

  @Test func `a key has one use and one entry`() throws {
    let roots = try roots([0], threshold: 1)
    let entry = try #require(base.keys.first)
    let again = OnlineKey(key: entry.key, use: .gateway, from: 0, through: 1)
    let keyset = base.with(roots: roots, keys: base.keys + [again])
    expect(
      epoch(roots, [try ForgedDocument.keyset(keyset, signedBy: [keys[0]])]), is: .malformed)
  }

  @Test func `the name of one root is its thumbprint and of several one of its own`() throws {
    #expect(try roots([0], threshold: 1).thumbprint(using: crypto) == keys[0].thumbprint)
    let names = Set(
      [
        try roots([0, 1], threshold: 1), try roots([0, 1], threshold: 2),
        try roots([0, 2], threshold: 1), try roots([0], threshold: 1),
      ].map { $0.thumbprint(using: crypto) })
    #expect(names.count == 4)
    #expect(
      try roots([0, 1], threshold: 1).thumbprint(using: crypto)
        == roots([1, 0], threshold: 1).thumbprint(using: crypto))
  }
}
