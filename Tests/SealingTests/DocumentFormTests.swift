import Libcrypto
import Sealing
import Testing
import TestSupport

/// The outer form of a compact document: three parts, canonical base64url, bounded size.
struct DocumentFormTests {
  private let vendor: SlotVendor
  private let trust: TrustSet
  private let document: String

  init() throws {
    vendor = try SlotVendor()
    trust = try vendor.trust()
    document = try vendor.seal(Slot<LicenseKind>())
  }

  private func code(_ text: String) -> Refusal.Code? {
    do throws(Refusal) {
      _ = try trust.open(text, in: Slot<LicenseKind>.self)
      return nil
    } catch { return error.code }
  }

  @Test func `the document as sealed opens, alone or with one final line feed`() throws {
    let opened = try trust.open(document, in: Slot<LicenseKind>.self)
    #expect(opened.jws == document)
    #expect(opened.kid == (try vendor.key(.license)).thumbprint)
    #expect(try trust.open(document + "\n", in: Slot<LicenseKind>.self) == opened)
  }

  @Test func `every other number of parts is malformed`() {
    let parts = document.split(separator: ".").map(String.init)
    let wrong = [
      "", ".", "..", "...", parts[0], "\(parts[0]).\(parts[1])", document + ".", "." + document,
      "\(parts[0])..\(parts[1]).\(parts[2])", document + ".\(parts[2])", ".\(parts[1]).\(parts[2])",
    ]
    for text in wrong {
      #expect(code(text) == .malformed, "\(text.prefix(20))… with \(text.count { $0 == "." }) dots")
    }
  }

  @Test func `an empty payload or signature does not verify`() {
    let parts = document.split(separator: ".").map(String.init)
    #expect(code("\(parts[0]).\(parts[1]).") == .signatureInvalid)
    #expect(code("\(parts[0])..\(parts[2])") == .signatureInvalid)
  }

  @Test(arguments: [
    " ", "\t", "\r", "\r\n", "\n\n", "\n\r", "\u{B}", "\u{C}", "\u{0}", "=", "é", "\u{FEFF}",
    "\u{A0}", "\u{200B}", "\u{2028}", "\u{85}", "\u{3000}", "%20", "\\n",
  ])
  func `white space, padding and other bytes are malformed anywhere`(_ text: String) {
    let middle = document.index(document.startIndex, offsetBy: document.count / 2)
    #expect(code(text + document) == .malformed)
    #expect(code(document + text) == .malformed)
    #expect(code(String(document[..<middle]) + text + document[middle...]) == .malformed)
  }

  @Test func `the unused bits of every part are zero`() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    let parts = document.split(separator: ".").map(String.init)
    for index in parts.indices {
      for letter in alphabet {
        var changed = parts
        changed[index] = parts[index].dropLast() + String(letter)
        let text = changed.joined(separator: ".")
        #expect((code(text) == nil) == (text == document), "part \(index), \(letter)")
      }
    }
  }

  @Test func `a document of the largest size is read and one byte more is not`() throws {
    let maximum = DocumentKind.license.maximumSize
    #expect(maximum == 65_536)
    let parts = document.split(separator: ".").map(String.init)
    let rest = maximum - parts[0].count - parts[2].count - 2
    for (size, expected) in [(rest, Refusal.Code.signatureInvalid), (rest + 1, .malformed)] {
      // A length of 1 modulo 4 is no base64url at all: shorten the signature in its stead.
      let signature = size % 4 == 1 ? String(parts[2].dropLast(2)) : parts[2]
      let payload = String(repeating: "A", count: size + parts[2].count - signature.count)
      let text = [parts[0], payload, signature].joined(separator: ".")
      #expect(text.utf8.count == (expected == .malformed ? maximum + 1 : maximum))
      #expect(code(text) == expected)
    }
  }

  @Test func `every single bit of the signature and of the signed bytes matters`() {
    let bytes = Array(document.utf8)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      let text = String(decoding: changed, as: UTF8.self)
      #expect(code(text) != nil, "byte \(index)")
    }
  }
}
