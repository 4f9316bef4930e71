import Libcrypto
import Sealing
import Testing
import TestSupport

/// Keysets one after the other: what moves trust on, what does not, and that it never moves back.
struct TrustChainTests {
  private let keys: [EVPSigner]
  private let base: Keyset
  private let crypto = LibcryptoProvider()

  init() throws {
    keys = try (1...8).map { try ForgingKey.ed25519($0) }
    base = try SlotVendor().keyset
  }

  private func roots(_ indices: [Int], threshold: Int) throws -> RootKeys {
    try RootKeys(threshold: threshold, keys: indices.map { keys[$0].publicKey })
  }

  private func text(_ keyset: Keyset, signedBy signers: [Int]) throws -> String {
    try ForgedDocument.keyset(keyset, signedBy: signers.map { keys[$0] })
  }

  private func known(_ keyset: Keyset, signedBy signers: [Int]) throws -> TrustSet {
    try TrustSet.establish(
      roots: keyset.roots, keysets: [try text(keyset, signedBy: signers)], using: crypto)
  }

  /// Offers keysets; what is refused must leave everything as it was, byte for byte.
  private func offer(
    _ texts: [String], to trust: TrustSet, sourceLocation: SourceLocation = #_sourceLocation
  ) -> (code: Refusal.Code?, trust: TrustSet) {
    let before = (trust.chain, trust.keyset.json.serialized, trust.root)
    var code: Refusal.Code?
    var after = trust
    do throws(Refusal) { after = try trust.advanced(by: texts) } catch { code = error.code }
    #expect(trust.chain == before.0, sourceLocation: sourceLocation)
    #expect(trust.keyset.json.serialized == before.1, sourceLocation: sourceLocation)
    #expect(after.root == before.2, sourceLocation: sourceLocation)
    #expect(after.keyset.epoch >= trust.keyset.epoch, sourceLocation: sourceLocation)
    if code != nil { #expect(after.chain == before.0, sourceLocation: sourceLocation) }
    return (code, after)
  }

  @Test func `an epoch at or below the known one changes nothing and any above it is taken`()
    throws
  {
    let roots = try roots([0, 1, 2], threshold: 2)
    let trust = try known(base.with(epoch: 7, roots: roots), signedBy: [0, 1])
    let highest = SealedLimits.counts.upperBound
    for (epoch, after) in [
      (Int64(1), Int64(7)), (6, 7), (7, 7), (8, 8), (9, 9), (1_000_000, 1_000_000),
      (highest, highest),
    ] {
      let keyset = base.with(
        epoch: epoch, roots: roots,
        revoked: [RevokedKey(kid: keys[7].thumbprint, at: 1, reason: "r")]
      )
      let (code, moved) = offer([try text(keyset, signedBy: [1, 2])], to: trust)
      #expect(code == nil, "\(epoch)")
      #expect(moved.keyset.epoch == after, "\(epoch)")
      #expect(moved.keyset.revoked.isEmpty == (after == 7), "\(epoch)")
    }
  }

  @Test func `an epoch that no reader of JSON holds exactly is malformed`() throws {
    let roots = try roots([0], threshold: 1)
    let trust = try known(base.with(epoch: 7, roots: roots), signedBy: [0])
    for epoch in [Int64.max, SealedLimits.counts.upperBound + 1, 0, -1, Int64.min] {
      let (code, moved) = offer(
        [try text(base.with(epoch: epoch, roots: roots), signedBy: [0])], to: trust)
      // One below the known epoch is not even read.
      #expect(code == (epoch > 7 ? .malformed : nil), "\(epoch)")
      #expect(moved.keyset.epoch == 7, "\(epoch)")
      #expect(throws: Refusal.malformed(""), "\(epoch)") {
        try known(base.with(epoch: epoch, roots: roots), signedBy: [0])
      }
    }
  }

  /// Every way to leave out one or more of the signers.
  private static func subsets(of signers: [Int]) -> [[Int]] {
    (0..<(1 << signers.count)).map { mask in
      signers.indices.filter { mask >> $0 & 1 == 1 }.map { signers[$0] }
    }
  }

  @Test(arguments: [(1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 5), (4, 5), (5, 5)])
  func `every set of signers below the threshold is refused and every other is enough`(
    _ threshold: Int, _ count: Int
  ) throws {
    let members = Array(0..<count)
    let roots = try roots(members, threshold: threshold)
    let trust = try known(base.with(epoch: 7, roots: roots), signedBy: members)
    var refused = 0
    for signers in Self.subsets(of: members) {
      // Strangers' signatures beside them count for nothing.
      let keyset = try text(base.with(epoch: 8, roots: roots), signedBy: signers + [5, 6])
      let (code, moved) = offer([keyset], to: trust)
      #expect(code == (signers.count < threshold ? .signatureInvalid : nil), "\(signers)")
      #expect(moved.keyset.epoch == (signers.count < threshold ? 7 : 8), "\(signers)")
      if code != nil { refused += 1 }
    }
    let below = Self.subsets(of: members).count { $0.count < threshold }
    #expect(refused == below && refused > 0)
  }

  @Test(arguments: [
    (1, [0], 1, [1]), (2, [0, 1, 2], 2, [3, 4, 5]), (2, [0, 1, 2], 2, [1, 2, 3]),
    (2, [0, 1, 2], 3, [0, 1, 2]), (3, [0, 1, 2], 1, [0, 1, 2]), (1, [0], 3, [0, 1, 2]),
    (2, [0, 1], 1, [2]),
  ])
  func `a change of roots needs enough of the old and enough of the new, whoever else signs`(
    _ oldThreshold: Int, _ old: [Int], _ newThreshold: Int, _ new: [Int]
  ) throws {
    let trust = try known(
      base.with(epoch: 7, roots: try roots(old, threshold: oldThreshold)), signedBy: old)
    let next = base.with(epoch: 8, roots: try roots(new, threshold: newThreshold))
    var (taken, refused) = (0, 0)
    for signers in Self.subsets(of: Array(Set(old + new)).sorted()) {
      let isEnough =
        signers.count { old.contains($0) } >= oldThreshold
        && signers.count { new.contains($0) } >= newThreshold
      let (code, moved) = offer([try text(next, signedBy: signers)], to: trust)
      #expect(code == (isEnough ? nil : .signatureInvalid), "\(signers)")
      #expect(moved.keyset.epoch == (isEnough ? 8 : 7), "\(signers)")
      if isEnough { taken += 1 } else { refused += 1 }
    }
    #expect(taken > 0 && refused > 0)
  }

  @Test func `roots that were replaced sign nothing any more`() throws {
    let (first, second) = (try roots([0], threshold: 1), try roots([1], threshold: 1))
    let trust = try known(base.with(epoch: 7, roots: first), signedBy: [0])
    let moved = try trust.advanced(by: [
      try text(base.with(epoch: 8, roots: second), signedBy: [0, 1])
    ])
    for signers in [[0], [0, 2], [2]] {
      for roots in [first, second] {
        let keyset = try text(base.with(epoch: 9, roots: roots), signedBy: signers)
        #expect(offer([keyset], to: moved).code == .signatureInvalid, "\(signers)")
      }
    }
    #expect(
      offer([try text(base.with(epoch: 9, roots: second), signedBy: [1])], to: moved).code == nil)
  }

  @Test func `a gap in the chain of roots is not leapt over`() throws {
    let first = try roots([0], threshold: 1)
    let (second, third) = (try roots([1], threshold: 1), try roots([2], threshold: 1))
    let trust = try known(base.with(epoch: 1, roots: first), signedBy: [0])
    let chain = [
      try text(base.with(epoch: 2, roots: second), signedBy: [0, 1]),
      try text(base.with(epoch: 3, roots: third), signedBy: [1, 2]),
      try text(base.with(epoch: 4, roots: third), signedBy: [2]),
    ]
    for kept in Self.subsets(of: [0, 1, 2]) where !kept.isEmpty {
      let texts = kept.map { chain[$0] }
      // What hangs on a missing link is refused; trust then stays where it was, not half way.
      let hangs = kept != Array(0..<kept.count)
      for order in [texts, texts.reversed()] {
        let (code, moved) = offer(order, to: trust)
        #expect(code == (hangs ? .signatureInvalid : nil), "\(kept)")
        #expect(moved.keyset.epoch == (hangs ? 1 : Int64(kept.count + 1)), "\(kept)")
      }
    }
  }

  @Test func `the vendor's name never changes along a chain`() throws {
    let roots = try roots([0], threshold: 1)
    let trust = try known(base.with(epoch: 7, roots: roots), signedBy: [0])
    for iss in ["https://other.example", base.iss + "/", base.iss.uppercased()] {
      let other = Keyset(
        iss: iss, epoch: 8, iat: base.iat, roots: roots, keys: base.keys, revoked: [])
      let text = try text(other, signedBy: [0])
      #expect(offer([text], to: trust).code == .keyNotAllowed, "\(iss)")
      // By itself it is a good keyset: the roots are its own.
      #expect(
        try TrustSet.establish(roots: roots, keysets: [text], using: crypto).keyset.iss == iss)
    }
    let composed = Keyset(
      iss: "https://\u{E9}.example", epoch: 7, iat: base.iat, roots: roots, keys: base.keys,
      revoked: [])
    let decomposed = Keyset(
      iss: "https://e\u{301}.example", epoch: 8, iat: base.iat, roots: roots, keys: base.keys,
      revoked: [])
    let french = try known(composed, signedBy: [0])
    #expect(offer([try self.text(decomposed, signedBy: [0])], to: french).code == .keyNotAllowed)
  }

  @Test func `a keyset does not revoke a root that it keeps`() throws {
    let two = try roots([0, 1], threshold: 1)
    let trust = try known(base.with(epoch: 7, roots: two), signedBy: [0])
    let revoked = [RevokedKey(kid: keys[1].thumbprint, at: 1, reason: "stolen")]
    let kept = base.with(epoch: 8, roots: two, revoked: revoked)
    #expect(offer([try text(kept, signedBy: [0, 1])], to: trust).code == .malformed)
    let dropped = base.with(epoch: 8, roots: try roots([0], threshold: 1), revoked: revoked)
    let (code, moved) = offer([try text(dropped, signedBy: [0])], to: trust)
    #expect(code == nil)
    for signers in [[1], [1, 1]] {
      let forged = try text(base.with(epoch: 9, roots: moved.keyset.roots), signedBy: signers)
      #expect(offer([forged], to: moved).code == .signatureInvalid)
    }
  }

  @Test func `what a keyset revokes every later one revokes, or is refused`() throws {
    let roots = try roots([0], threshold: 1)
    func revoked(_ keys: [Int]) -> [RevokedKey] {
      keys.map { RevokedKey(kid: self.keys[$0].thumbprint, at: 1, reason: "stolen") }
    }
    func keyset(_ epoch: Int64, _ keys: [Int]) throws -> String {
      try text(base.with(epoch: epoch, roots: roots, revoked: revoked(keys)), signedBy: [0])
    }
    let trust = try known(
      base.with(epoch: 4, roots: roots, revoked: revoked([6, 7])), signedBy: [0])
    for (named, isTaken) in [
      ([], false), ([6], false), ([7, 5], false), ([7, 6], true), ([5, 6, 7], true),
    ] {
      let (code, moved) = offer([try keyset(5, named)], to: trust)
      #expect(code == (isTaken ? nil : .keysetTooOld), "\(named)")
      #expect(moved.keyset.epoch == (isTaken ? 5 : 4), "\(named)")
    }
    // Also of those that come together, and whether or not a higher number comes after.
    let offered = [try keyset(4, [6]), try keyset(5, []), try keyset(6, [6, 7])]
    #expect(throws: Refusal(.keysetTooOld, "")) {
      try TrustSet.establish(roots: roots, keysets: [offered[1], offered[0]], using: crypto)
    }
    for order in [offered, offered.reversed()] {
      let trust = try TrustSet.establish(roots: roots, keysets: order, using: crypto)
      #expect(trust.keyset.epoch == 6)
    }
  }

  @Test func `a key stands once in a keyset, in one place`() throws {
    let roots = try roots([0], threshold: 1)
    let trust = try known(base.with(epoch: 7, roots: roots), signedBy: [0])
    let entry = try #require(base.keys.first)
    func online(_ key: PublicKey, _ use: KeyUse) -> OnlineKey {
      OnlineKey(key: key, use: use, from: 0, through: 1)
    }
    let twice = RevokedKey(kid: keys[7].thumbprint, at: 1, reason: "stolen")
    let wrong = [
      base.with(epoch: 8, roots: roots, keys: base.keys + [online(entry.key, .gateway)]),
      base.with(epoch: 8, roots: roots, keys: base.keys + [online(entry.key, entry.use)]),
      base.with(epoch: 8, roots: roots, keys: base.keys + [online(keys[0].publicKey, .license)]),
      base.with(epoch: 8, roots: roots, revoked: [twice, twice]),
    ]
    for keyset in wrong {
      #expect(offer([try text(keyset, signedBy: [0])], to: trust).code == .malformed)
    }
    #expect(wrong.count == 4)
  }

  @Test func `a file of keysets is taken in any order, with rubbish of old beside it`() throws {
    let (first, second) = (try roots([0], threshold: 1), try roots([1], threshold: 1))
    let good = [
      try text(base.with(epoch: 2, roots: second), signedBy: [0, 1]),
      try text(base.with(epoch: 3, roots: second), signedBy: [1]),
      try text(base.with(epoch: 5, roots: second), signedBy: [1]),
    ]
    let rubbish = [
      try text(base.with(epoch: 4, roots: first), signedBy: [0]),
      try text(base.with(epoch: 1, roots: second), signedBy: [6]), "not a keyset", "{}",
    ]
    var random = SeededRandom(seed: 1)
    for _ in 0..<50 {
      let texts = (good + rubbish).shuffled(using: &random)
      let trust = try TrustSet.establish(roots: first, keysets: texts, using: crypto)
      #expect(trust.keyset.epoch == 5)
      #expect(trust.chain == [good[0], good[2]])
    }
  }
}
