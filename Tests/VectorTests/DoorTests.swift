import Libcrypto
import Sealing
import Testing
import TestSupport

/// Every way in for a sealed document, with what must come in and what must not.
struct DoorTests {
  private let house: House
  private let doors: [Door]

  init() throws {
    house = try House()
    doors = try house.doors()
  }

  @Test func `a good document comes in by every door, so that a closed one proves nothing`() throws
  {
    #expect(doors.count == 20)
    var opened = 0
    for door in doors {
      guard let payload = try FormatExamples.payload(door.kind) else {
        #expect(door.kind == .statement, "\(door.name) has no example")
        continue
      }
      let document = try House.compact(
        header: door.header, payload: payload, signedBy: door.signer)
      #expect(door.open(document) == nil, "\(door.name)")
      opened += 1
    }
    #expect(opened == 19)
  }

  /// A good document for a door; a statement's payload is none, but its seal is right.
  private func document(_ door: Door) throws -> String {
    try House.compact(
      header: door.header,
      payload: try FormatExamples.payload(door.kind) ?? Array("{\"ver\":1}".utf8),
      signedBy: door.signer)
  }

  /// What a door that verifies says of a document whose seal is wrong; the others only take it apart.
  private func expectInvalid(_ text: String, at door: Door, _ what: String) {
    let code = door.open(text)
    if door.verifies {
      #expect(code == .signatureInvalid, "\(door.name): \(what)")
    } else {
      #expect(code == nil || code == .malformed, "\(door.name): \(what)")
    }
  }

  /// The order of the Ed25519 base point, L, little endian (RFC 8032 section 5.1).
  private static let order =
    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010".hexadecimal

  @Test func `a signature made malleable, cut, stretched or altered opens no door`() throws {
    for door in doors {
      let parts = try document(door).split(separator: ".").map(String.init)
      let signature = try #require(Base64.decode(parts[2].utf8, .url))
      var carry = 0
      var second: [UInt8] = []
      for (digit, added) in zip(signature[32...], Self.order) {
        let sum = Int(digit) + Int(added) + carry
        second.append(UInt8(sum & 0xFF))
        carry = sum >> 8
      }
      let wrong: [(String, [UInt8])] = [
        ("S + L", signature[..<32] + second), ("63 bytes", Array(signature.dropLast())),
        ("65 bytes", signature + [0]), ("two of them", signature + signature), ("none", []),
        ("R altered", [signature[0] ^ 1] + signature[1...]),
        ("S altered", signature.dropLast() + [signature[63] ^ 1]),
        ("R and S exchanged", Array(signature[32...] + signature[..<32])),
        ("S zero", signature[..<32] + [UInt8](repeating: 0, count: 32)),
      ]
      for (what, bytes) in wrong {
        let text = "\(parts[0]).\(parts[1]).\(Base64.encode(bytes, .url))"
        expectInvalid(text, at: door, what)
      }
    }
  }

  private static let smallOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ].map(\.hexadecimal).flatMap { [$0, $0.dropLast() + [$0[31] | 0x80]] }

  @Test func `none of the fourteen points of small order opens a door as R`() throws {
    #expect(Set(Self.smallOrder).count == 14)
    for door in doors {
      let parts = try document(door).split(separator: ".").map(String.init)
      let signature = try #require(Base64.decode(parts[2].utf8, .url))
      for point in Self.smallOrder {
        for second in [Array(signature[32...]), [UInt8](repeating: 0, count: 32)] {
          let text = "\(parts[0]).\(parts[1]).\(Base64.encode(point + second, .url))"
          expectInvalid(text, at: door, "R of small order")
        }
      }
    }
  }

  @Test func `none of the fourteen points of small order becomes a key anywhere`() throws {
    for point in Self.smallOrder {
      let jwk: JSONValue = [
        "crv": "Ed25519", "kty": "OKP", "x": .string(Base64.encode(point, .url)),
      ]
      for slot in KeySlot.all { #expect(slot.code(jwk, house) == .keyNotAllowed, "\(slot.name)") }
    }
  }

  @Test func `text around or inside a document opens no door`() throws {
    let foreign = [
      " ", "\t", "\r", "\r\n", "\n\n", "\u{FEFF}", "\u{A0}", "\u{2028}", "\u{0}", "=", ".", "..",
    ]
    for door in doors where door.name != "check --license, bare" {
      let text = try document(door)
      let middle = text.index(text.startIndex, offsetBy: text.count / 2)
      for piece in foreign {
        for wrong in [
          piece + text, text + piece, String(text[..<middle]) + piece + text[middle...],
        ] {
          #expect(door.open(wrong) == .malformed, "\(door.name): \(piece.debugDescription)")
        }
      }
    }
  }

  @Test func `a bare document in a file may stand among white space and nothing else`() throws {
    let door = try #require(doors.first { $0.name == "check --license, bare" })
    let text = try document(door)
    for (before, after) in [("", "\n"), ("", "\r\n"), ("\n  ", "\n\n"), ("\u{FEFF}", "\r\n")] {
      #expect(door.open(before + text + after) == nil)
    }
    for (before, after) in [
      ("\u{A0}", ""), ("", "\u{A0}"), ("", "."), (".", ""), ("", "="), ("x", ""), ("", "\u{0}"),
      ("\u{FEFF}\u{FEFF}", ""), ("", "\u{2028}"),
    ] {
      let code = door.open(before + text + after)
      #expect(code == .malformed || code == .damaged, "\(before.debugDescription) \(after)")
    }
  }

  @Test func `a document of every kind is refused at every door but its own`() throws {
    var pairs = 0
    for door in doors {
      for kind in DocumentKind.allCases where kind != door.kind {
        let header = ProtectedHeader(
          algorithm: .edDSA, key: door.signer.thumbprint, type: kind.rawValue)
        let payload = try FormatExamples.payload(kind) ?? Array("{\"ver\":1}".utf8)
        let text = try House.compact(
          header: header.serialized, payload: payload, signedBy: door.signer)
        let code = door.open(text)
        if door.name == "license inspect" { continue }
        // A keyset has another form; a bare file of revocations is read, and a license key seals none.
        let isBare = door.name == "check --license, bare" && kind == .revocations
        let expected: [Refusal.Code] =
          kind == .keyset ? [.wrongKind, .malformed] : [isBare ? .keyNotAllowed : .wrongKind]
        #expect(code.map(expected.contains) == true, "\(kind) at \(door.name): \(code as Any)")
        pairs += 1
      }
    }
    #expect(pairs == 190)
    #expect(house.trust.keyset == house.keyset)
  }
}
