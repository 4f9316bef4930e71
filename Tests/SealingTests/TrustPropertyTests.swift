import Libcrypto
import Sealing
import Testing
import TestSupport

/// Random keysets in random order against a model that knows no cryptography.
struct TrustPropertyTests {
  /// A keyset by what it claims, who signed it and whether its bytes are whole.
  private struct Offer {
    var epoch: Int64
    var iss: Int
    var roots: Set<Int>
    var threshold: Int
    var signers: Set<Int>
    var revoked: Set<Int>
    var isWhole: Bool
    var text = ""
  }

  /// Trust as the rules say it, without signatures.
  private struct Model: Equatable {
    var epoch: Int64?
    var iss = 0
    var roots: Set<Int>
    var threshold: Int
    /// What was revoked once stays so.
    var revoked: Set<Int> = []

    /// - Returns: false when the newest of the offered keysets is refused; nothing is then taken.
    mutating func take(_ offers: [Offer]) -> Bool {
      var next = self
      var isRefused = offers.contains { !$0.isWhole }
      for offer in offers.filter(\.isWhole).sorted(by: { $0.epoch < $1.epoch }) {
        if let epoch = next.epoch, offer.epoch <= epoch { continue }
        let isSigned =
          offer.signers.intersection(next.roots).count >= next.threshold
          && offer.signers.intersection(offer.roots).count >= offer.threshold
        let follows =
          next.epoch == nil || (offer.iss == next.iss && next.revoked.isSubset(of: offer.revoked))
        isRefused = !(isSigned && follows)
        guard !isRefused else { continue }
        next = Model(
          epoch: offer.epoch, iss: offer.iss, roots: offer.roots, threshold: offer.threshold,
          revoked: offer.revoked)
      }
      guard !isRefused, next.epoch != nil else { return false }
      self = next
      return true
    }
  }

  private static let names = ["https://license.vendor.example", "https://other.example"]
  private let keys: [EVPSigner]
  /// Keys that are nothing else.
  private let stolen: [EVPSigner]
  private let base: Keyset
  private let crypto = LibcryptoProvider()

  init() throws {
    keys = try (1...5).map { try ForgingKey.ed25519($0) }
    stolen = try (6...8).map { try ForgingKey.ed25519($0) }
    base = try SlotVendor().keyset
  }

  private func roots(_ members: Set<Int>, _ threshold: Int) throws -> RootKeys {
    try RootKeys(threshold: threshold, keys: members.sorted().map { keys[$0].publicKey })
  }

  /// A stock of keysets: most by roots that are near each other, so that many can follow one another.
  private func stock(_ random: inout SeededRandom) throws -> [Offer] {
    let rootSets: [(Set<Int>, Int)] = [([0, 1, 2], 2), ([1, 2, 3], 2), ([0], 1), ([2, 3, 4], 3)]
    return try (0..<90).map { _ in
      let (members, threshold) = rootSets.randomElement(using: &random) ?? ([0], 1)
      let epoch = Int64.random(in: 1...12, using: &random)
      // Most revoke more the later they come; one in six forgets.
      let forgets = Int.random(in: 0..<6, using: &random) == 0
      let revoked = forgets ? [] : Set((0..<3).filter { epoch > Int64(4 * $0 + 2) })
      var offer = Offer(
        epoch: epoch,
        iss: Int.random(in: 0..<12, using: &random) == 0 ? 1 : 0, roots: members,
        threshold: threshold,
        signers: Set((0..<5).filter { _ in Int.random(in: 0..<4, using: &random) > 0 }),
        revoked: revoked, isWhole: Int.random(in: 0..<15, using: &random) > 0)
      let keyset = Keyset(
        iss: Self.names[offer.iss], epoch: offer.epoch, iat: base.iat,
        roots: try roots(members, threshold), keys: base.keys,
        revoked: offer.revoked.sorted().map {
          RevokedKey(kid: stolen[$0].thumbprint, at: 1, reason: "stolen")
        })
      let text = try ForgedDocument.keyset(
        keyset, signedBy: offer.signers.sorted().map { keys[$0] })
      offer.text = offer.isWhole ? text : String(text.dropLast(2))
      return offer
    }
  }

  @Test(arguments: [UInt64(1), 20_261_125, 9_162])
  func `trust ends where the model's does, and never goes back`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let stock = try stock(&random)
    var (taken, refused) = (0, 0)
    for _ in 0..<120 {
      var model = Model(roots: [0, 1, 2], threshold: 2)
      let compiledIn = try roots(model.roots, model.threshold)
      var trust: TrustSet?
      for _ in 0..<5 {
        // One keyset for each epoch: two of one epoch are the vendor's own contradiction.
        var offered: [Int64: Offer] = [:]
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          if let offer = stock.randomElement(using: &random) { offered[offer.epoch] = offer }
        }
        let offers = offered.values.sorted { $0.epoch < $1.epoch }
        let before = trust
        let isTaken = model.take(offers)
        let texts = offers.map(\.text).shuffled(using: &random)
        do throws(Refusal) {
          trust =
            if let trust { try trust.advanced(by: texts) } else {
              try TrustSet.establish(roots: compiledIn, keysets: texts, using: crypto)
            }
          #expect(isTaken, "seed \(seed): \(offers)")
          taken += 1
        } catch {
          #expect(!isTaken, "seed \(seed): \(error) for \(offers)")
          refused += 1
        }
        #expect(trust?.keyset.epoch == model.epoch, "seed \(seed)")
        #expect((trust?.keyset.epoch ?? 0) >= (before?.keyset.epoch ?? 0))
        if !isTaken { #expect(trust?.chain == before?.chain) }
        guard let trust else { continue }
        #expect(trust.keyset.roots == (try roots(model.roots, model.threshold)))
        let fallen = Set(trust.keyset.revoked.map(\.kid))
        #expect(fallen == Set(model.revoked.map { stolen[$0].thumbprint }))
        for key in before?.keyset.revoked ?? [] { #expect(fallen.contains(key.kid)) }
        // What is kept leads a fresh program to the same trust.
        let again = try TrustSet.establish(roots: compiledIn, keysets: trust.chain, using: crypto)
        #expect(again.keyset == trust.keyset && again.chain == trust.chain)
      }
    }
    #expect(taken > 100 && refused > 100, "\(taken) taken, \(refused) refused")
  }
}
