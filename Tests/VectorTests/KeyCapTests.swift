import CivilTime
import Licensing
import Sealing
import Testing
import TestSupport

/// The dates and caps of a key, held for the real documents of Docs/Formats.md, whatever door they use.
struct KeyCapTests {
  private func code(_ kind: DocumentKind, _ payload: [UInt8], in house: House) throws
    -> [Refusal.Code?]
  {
    let before = (house.trust.chain, house.trust.keyset.json.serialized)
    let doors = try house.doors().filter { door in
      door.kind == kind && door.verifies && !door.name.hasPrefix("InstallationSeal")
    }
    #expect(!doors.isEmpty)
    let codes = try doors.map { door in
      door.open(
        try House.compact(header: door.header, payload: payload, signedBy: door.signer))
    }
    #expect(house.trust.chain == before.0 && house.trust.keyset.json.serialized == before.1)
    return codes
  }

  @Test func `a document belongs to the seconds of its key, for every real kind`() throws {
    var kinds: Set<DocumentKind> = []
    for (kind, payload) in try FormatExamples.all() {
      guard [.license, .release, .revocations, .activation, .receipt].contains(kind),
        let iat = try JSONScanner.scan(payload)["iat"]?.integer
      else { continue }
      kinds.insert(kind)
      for (from, through, isAllowed) in [
        (iat, iat, true), (iat - 1, iat + 1, true), (iat + 1, iat + 2, false),
        (iat - 2, iat - 1, false),
      ] {
        for code in try code(kind, payload, in: try House(from: from, through: through)) {
          #expect(code == (isAllowed ? nil : .keyNotAllowed), "\(kind) \(from - iat)")
        }
      }
    }
    #expect(kinds.count == 5)
  }

  @Test func `a cap on products holds for licenses and releases`() throws {
    var count = 0
    for (kind, payload) in try FormatExamples.all() where kind == .license || kind == .release {
      for (products, isAllowed) in [
        (["observability-platform"], true), (["x", "observability-platform"], true),
        (["observability-platforM"], false), (["x"], false), ([], false),
        (["observability-platform "], false),
      ] {
        let house = try House(constraints: KeyConstraints(products: products))
        for code in try code(kind, payload, in: house) {
          #expect(code == (isAllowed ? nil : .keyNotAllowed), "\(kind) \(products)")
          count += 1
        }
      }
    }
    #expect(count == 4 * 6 * 4 + 6 * 2)
  }

  /// A key's last instant bounds the last day of a community site: 31 and 180 days after it.
  @Test func `a stolen release key gives no release a day far ahead`() throws {
    var count = 0
    for (kind, payload) in try FormatExamples.all() where kind == .release {
      let real = try Release.parse(payload)
      let signed = Zone.utc.date(at: real.iat)
      for (days, isAllowed) in [(30, true), (31, true), (32, false), (400, false)]
        as [(Int64, Bool)]
      {
        var release = real
        release.released = try #require(signed.adding(days: days))
        let house = try House(from: real.iat, through: real.iat)
        for code in try code(kind, release.json.serialized, in: house) {
          #expect(code == (isAllowed ? nil : .malformed), "\(days) days")
          count += 1
        }
        guard isAllowed else { continue }
        #expect(signed.days(until: release.communityThrough) <= 31 + 180)
      }
      var forever = real
      forever.released = .last
      for code in try code(kind, forever.json.serialized, in: try House()) {
        #expect(code == .malformed)
        count += 1
      }
    }
    #expect(count == 2 * 5)
  }

  @Test func `a cap on editions and days holds, to the last day`() throws {
    let every = Edition.allCases.map(\.rawValue)
    var count = 0
    func expect(
      _ payload: [UInt8], _ constraints: KeyConstraints, isAllowed: Bool, _ what: String
    ) throws {
      for code in try code(.license, payload, in: try House(constraints: constraints)) {
        #expect(code == (isAllowed ? nil : .keyNotAllowed), "\(what)")
        count += 1
      }
    }
    for (kind, payload) in try FormatExamples.all() where kind == .license {
      let license = try License.parse(payload)
      let own = license.edition.rawValue
      try expect(payload, KeyConstraints(editions: [own]), isAllowed: true, own)
      try expect(
        payload, KeyConstraints(editions: every.filter { $0 != own }), isAllowed: false, own)
      guard let days = license.cappedDays else { continue }
      for most in [days - 1, days, days + 1] {
        try expect(
          payload, KeyConstraints(editions: every, maximumDays: most), isAllowed: most >= days,
          "\(own), \(most) days")
      }
    }
    // At four doors: each license with two caps on editions, three of them with three on days.
    #expect(count == 4 * (4 * 2 + 3 * 3))
  }
}
