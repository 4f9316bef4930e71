import Libcrypto
import Licensing
import Sealing
import StartupCheck
import Testing

/// A license file damaged anywhere never lets the platform run, unless its documents came out whole.
struct DamageTests {
  private let vendor: Vendor
  private let file: [UInt8]
  private let release: [UInt8]
  private let whole: [ArmourBlock]

  init() throws {
    vendor = try Vendor()
    file = try vendor.licenseFile([try Vendor.license(.community)])
    release = try vendor.releaseFile()
    whole = try Armour.read(file)
  }

  private func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) throws {
    let given = GivenFile(bytes, as: .license, source: "the.license")
    let dossier = Dossier(roots: vendor.roots, given: [given], using: LibcryptoProvider())
    if given.blocks == whole {
      #expect(dossier.licenses.count == 1, "\(what())")
      return
    }
    #expect(dossier.licenses.isEmpty, "\(what())")
    let verdict = try dossier.verdict()
    #expect(verdict.outcome == .deny, "\(what())")
    #expect(
      [.damaged, .malformed, .wrongKind].contains(verdict.code), "\(what()): \(verdict.code)")
    #expect(verdict.findings.first?.message.contains("the.license") == true, "\(what())")
  }

  @Test func `whole it opens`() throws {
    #expect(whole.map(\.kind) == [.keyset, .license])
    #expect(try Dossier(vendor, license: file, release: release).verdict().outcome == .allow)
  }

  @Test func `cut at every byte it never allows and says what is wrong`() throws {
    for count in 0..<file.count {
      try check(Array(file.prefix(count)), "cut at byte \(count)")
    }
  }

  @Test func `with any single byte changed it never allows and says what is wrong`() throws {
    for index in file.indices {
      // Another letter, then in turn a byte of each kind that the reader treats in its own way.
      let special: [UInt8] = [0x00, 0x0A, 0x20, 0x2D, 0x3D, 0x3E, 0x80, 0xFF]
      for byte in [file[index] ^ 0x01, special[index % special.count]] where byte != file[index] {
        var changed = file
        changed[index] = byte
        try check(changed, "byte \(index) changed to \(byte)")
      }
    }
  }

  /// A bare document has no checksum: its seal alone tells.
  @Test func `a bare license with any single byte changed never opens`() throws {
    let bare = Array(try vendor.seal(try Vendor.license(.community)).utf8)
    let standing = StandingDocument(written: Vendor.iat, keysets: [try vendor.keyset()])
    for index in bare.indices {
      var changed = bare
      changed[index] ^= 0x01
      let dossier = Dossier(vendor, license: changed, standing: .document(standing))
      #expect(dossier.licenses.isEmpty, "byte \(index)")
      #expect(try dossier.verdict().outcome == .deny, "byte \(index)")
    }
  }

  /// The standing as a whole has no seal; what is in it opens unchanged or not at all.
  @Test func `a standing with one byte in three changed in turn gives no other documents`() throws {
    let license = try vendor.seal(try Vendor.license(.community))
    let document = StandingDocument(
      written: Vendor.iat, licenses: [license], keysets: [try vendor.keyset()],
      installation: vendor.installation.publicKey, record: try vendor.record())
    let whole = document.json.serialized
    var opened = 0
    for index in stride(from: 0, to: whole.count, by: 3) {
      var changed = whole
      changed[index] ^= 0x01
      guard let read = try? StandingDocument(changed) else { continue }
      let dossier = Dossier(
        roots: vendor.roots, standing: .document(read), using: LibcryptoProvider())
      let held = dossier.standing?.held.map(\.jws) ?? []
      #expect(held.isEmpty || held == [license], "byte \(index)")
      let installation = dossier.standing?.newestRecord?.installation
      #expect(
        installation == nil || installation == vendor.installation.thumbprint, "byte \(index)")
      opened += 1
    }
    #expect(opened > 500)
  }
}
