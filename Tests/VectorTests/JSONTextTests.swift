import Libcrypto
import Metering
import Reporting
import Sealing
import StartupCheck
import Testing
import TestSupport

/// The 318 texts of JSONTestSuite where the programs read JSON: as payload and as header of a rightly
/// signed document at every door, as payload and outer form of a keyset, and at every reader of JSON.
///
/// None of them is a document, so whatever the grammar says of it, `MALFORMED` is the answer (or
/// `UNSUPPORTED_VERSION`, which none claims), and never a trap.
struct JSONTextTests {
  private static let loaded = Result {
    try VectorFiles.names(in: VectorFiles.jsonParsing).map { path in
      (path.split(separator: "/").last.map(String.init) ?? path, try VectorFiles.bytes(path))
    }
  }

  private static func texts() throws -> [(name: String, bytes: [UInt8])] { try loaded.get() }

  @Test func `there are 95 texts to accept, 188 to refuse and 35 to decide`() throws {
    let names = try Self.texts().map(\.name)
    #expect(names.count { $0.hasPrefix("y_") } == 95)
    #expect(names.count { $0.hasPrefix("n_") } == 188)
    #expect(names.count { $0.hasPrefix("i_") } == 35)
    #expect(names.count == 318)
  }

  @Test func `no text is the payload of a document, however well it is sealed`() throws {
    let house = try House()
    let doors = try house.doors()
    var count = 0
    for (name, bytes) in try Self.texts() {
      for door in doors where door.name != "license inspect" {
        let text = try House.compact(header: door.header, payload: bytes, signedBy: door.signer)
        let code = door.open(text)
        #expect(code == .malformed, "\(name) at \(door.name): \(code as Any)")
        count += 1
      }
    }
    #expect(count == 318 * 19)
    #expect(house.trust.keyset == house.keyset)
  }

  @Test func `inspecting shows what is JSON and refuses what is not`() throws {
    let door = try #require(House().doors().first { $0.name == "license inspect" })
    for (name, bytes) in try Self.texts() {
      let text = try House.compact(header: door.header, payload: bytes, signedBy: door.signer)
      let isJSON = (try? JSONScanner.scan(bytes, maximumDepth: SealedLimits.depth)) != nil
      #expect(door.open(text) == (isJSON ? nil : .malformed), "\(name)")
    }
  }

  @Test func `no text is the header of a document`() throws {
    let house = try House()
    let doors = try house.doors()
    let payload = try FormatExamples.payload(.license) ?? []
    var count = 0
    for (name, bytes) in try Self.texts() {
      for door in doors {
        let text = try House.compact(header: bytes, payload: payload, signedBy: door.signer)
        let code = door.open(text)
        #expect(code == .malformed, "\(name) at \(door.name): \(code as Any)")
        count += 1
      }
    }
    #expect(count == 318 * 20)
  }

  @Test func `no text is a keyset, its payload or the header of its signature`() throws {
    let house = try House()
    for (name, bytes) in try Self.texts() {
      let sealed = KeysetDocument.text(
        payload: bytes, signatures: [try KeysetDocument.sign(bytes, by: house.root)])
      let headed = KeysetDocument.text(
        payload: house.keyset.json.serialized,
        signatures: [(bytes, [UInt8](repeating: 0, count: 64))])
      let plain = String(decoding: bytes, as: UTF8.self)
      for text in [sealed, headed, plain] {
        #expect(throws: Refusal.malformed(""), "\(name)") {
          try TrustSet.establish(
            roots: house.roots, keysets: [text], using: LibcryptoProvider())
        }
        // Its epoch is not above the known one or cannot be read: nothing moves either way.
        let moved = try? house.trust.advanced(by: [text])
        #expect(moved == nil || moved?.keyset == house.keyset, "\(name)")
      }
      #expect(throws: Refusal.malformed(""), "\(name)") { try KeysetDocument(bytes) }
    }
    #expect(house.trust.keyset == house.keyset)
  }

  /// Who else reads JSON from outside, and whether he takes the bytes.
  private static let readers: [(name: String, takes: @Sendable ([UInt8]) -> Bool)] = [
    ("ReportRequest", { (try? ReportRequest($0)) != nil }),
    ("ActivationRequest", { (try? ActivationRequest($0)) != nil }),
    ("Publication", { (try? Publication($0)) != nil }),
    ("ReportAnswer", { (try? ReportAnswer($0)) != nil }),
    ("ActivationAnswer", { (try? ActivationAnswer($0)) != nil }),
    ("Problem", { Problem($0) != nil }),
    ("StandingDocument", { (try? StandingDocument($0)) != nil }),
    ("UsageTrace", { (try? UsageTrace.parse($0)) != nil }),
    ("EvidenceHeader", { (try? EvidenceHeader($0)) != nil }),
    ("ReportBundle", { (try? ReportBundle(file: $0)) != nil }),
    ("BundleAnswer", { (try? BundleAnswer(file: $0)) != nil }),
    ("root.jwks", { (try? TrustAnchor(file: nil, compiledIn: $0)) != nil }),
    ("license file", { GivenFile($0, as: .license, source: "file").refusal == nil }),
    ("release file", { GivenFile($0, as: .release, source: "file").refusal == nil }),
  ]

  @Test func `no other reader takes any of the texts`() throws {
    var count = 0
    for (name, bytes) in try Self.texts() {
      for reader in Self.readers {
        #expect(!reader.takes(bytes), "\(name) by \(reader.name)")
        count += 1
      }
    }
    #expect(count == 318 * 14)
  }

  @Test func `beats are taken of no text but the empty array`() throws {
    var taken: Set<String> = []
    for (name, bytes) in try Self.texts() {
      do throws(Refusal) {
        let beats = try NativeBeats.parse(bytes)
        #expect(beats.isEmpty, "\(name)")
        taken.insert(name)
      } catch { #expect(error.code == .malformed, "\(name)") }
      // One bad line of many spoils the body: nothing of it is counted.
      let lines = Array("{\"collector\":\"a\"}\n".utf8) + bytes
      #expect((try? NativeBeats.parse(lines)) == nil || Self.isBlank(bytes), "\(name)")
    }
    #expect(taken == ["y_array_empty.json", "y_structure_whitespace_array.json"])
  }

  private static func isBlank(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
  }
}
