import Foundation
import Libcrypto
import Licensing
import Sealing
import StartupCheck
import Testing

/// The root that a program trusts: its own, or, only where it has none, a file's.
struct TrustAnchorTests {
  private let folder: Folder
  private let vendor: Vendor
  private let empty = Array("{\"keys\":[],\"threshold\":0}\n".utf8)

  init() throws {
    folder = try Folder()
    vendor = try Vendor()
  }

  @Test func `a build without a root needs a file and says that it uses one`() throws {
    #expect(throws: StartupCheckError(.trustRootMissing, "")) {
      try TrustAnchor(file: nil, compiledIn: empty)
    }
    let path = try folder.write("root.jwks", vendor.roots.json.serialized)
    let anchor = try TrustAnchor(file: path, compiledIn: empty)
    #expect(anchor.roots == vendor.roots)
    let announcement = try #require(anchor.announcement).english
    #expect(announcement.contains(vendor.root.thumbprint.text))
    #expect(announcement.contains(path))
  }

  @Test func `a build with a root has no other and takes no file`() throws {
    let own = vendor.roots.json.serialized
    let anchor = try TrustAnchor(file: nil, compiledIn: own)
    #expect(anchor.roots == vendor.roots)
    #expect(anchor.announcement == nil)
    let path = try folder.write("root.jwks", try Vendor(root: 9).roots.json.serialized)
    #expect(throws: StartupCheckError(.trustRootFixed, "")) {
      try TrustAnchor(file: path, compiledIn: own)
    }
    #expect(throws: StartupCheckError(.trustRootFixed, "")) {
      try TrustAnchor(file: "/does/not/exist", compiledIn: own)
    }
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"keys\":[],\"threshold\":1}", "{\"threshold\":0}", "{\"keys\":[]}",
    "{\"keys\":[],\"threshold\":0,\"x\":1}", "{\"keys\":[],\"keys\":[],\"threshold\":0}", "null",
  ])
  func `a root that is neither empty nor a root lets nothing start`(_ text: String) throws {
    let bytes = Array(text.utf8)
    #expect(throws: StartupCheckError(.trustRootUnreadable, "")) {
      try TrustAnchor(file: nil, compiledIn: bytes)
    }
    let path = try folder.write("root.jwks", bytes)
    #expect(throws: StartupCheckError(.trustRootUnreadable, "")) {
      try TrustAnchor(file: path, compiledIn: empty)
    }
  }

  @Test func `a file that is missing, a folder, or empty of roots is no root`() throws {
    let none = try folder.write("root.jwks", empty)
    for path in [folder.path, folder.path + "/missing", none] {
      let error = #expect(throws: StartupCheckError(.trustRootUnreadable, "")) {
        try TrustAnchor(file: path, compiledIn: empty)
      }
      #expect(error?.message.contains(path) == true)
      #expect(error?.isWrongUsage == false)
    }
  }

  @Test func `a root with a private member is refused`() throws {
    let point = vendor.root.publicKey.jwk["x"]?.string ?? ""
    let text =
      "{\"keys\":[{\"crv\":\"Ed25519\",\"d\":\"AA\",\"kty\":\"OKP\",\"x\":\"\(point)\"}],"
      + "\"threshold\":1}"
    #expect(throws: StartupCheckError(.trustRootUnreadable, "")) {
      try TrustAnchor(file: nil, compiledIn: Array(text.utf8))
    }
  }
}
