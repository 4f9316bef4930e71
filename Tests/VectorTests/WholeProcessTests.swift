import Foundation
import Libcrypto
import Sealing
import Testing
import TestSupport

/// `tally-verifier check` as a whole process on files made of the vectors: an exit status of its own
/// for every "no", whatever the bytes.
@Suite(.serialized) struct WholeProcessTests {
  private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "tally-verifier").path

  /// A folder for one test, removed when the test ends.
  private struct Folder: ~Copyable {
    let url: URL

    init() throws {
      url = FileManager.default.temporaryDirectory.appending(path: "tally-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Every file with what is in it.
    func content() throws -> [String: Data] {
      var content: [String: Data] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: url.path) {
        content[name] = try Data(contentsOf: url.appending(path: name))
      }
      return content
    }

    func write(_ name: String, _ data: Data) throws -> String {
      let file = url.appending(path: name)
      try data.write(to: file)
      return file.path
    }
  }

  /// Runs `check` under limits: `kilobytes` of address space, `seconds` of processor time.
  /// - Returns: the exit status, and the verdict's code.
  private func check(
    license: String, root: String, kilobytes: Int = 8_000_000, seconds: Int = 20
  ) throws -> (status: Int32, code: String?) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "ulimit -v \(kilobytes); ulimit -t \(seconds); exec \"$@\"", "sh", Self.program,
      "check", "--license", license, "--trust-root", root, "--running", "1.0", "--format", "json",
    ]
    process.environment = [:]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    let value = try? JSONScanner.scan(Array(data), maximumDepth: 16)
    return (process.terminationStatus, value?["code"]?.string)
  }

  private func root(_ house: House, in folder: borrowing Folder) throws -> String {
    try folder.write("root.jwks", Data(house.roots.json.serialized))
  }

  @Test func `a license sealed with a signature of each Wycheproof file is refused`() throws {
    let folder = try Folder()
    let license = try #require(try FormatExamples.payload(.license))
    var runs = 0
    for path in try VectorFiles.names(in: VectorFiles.wycheproof) where !path.contains("_params") {
      let group = try #require(try VectorFiles.json(path)["testGroups"]?.elements.first)
      let key =
        if let point = group["publicKey"]?["pk"]?.string {
          try PublicKey(ed25519: point.hexadecimal)
        } else {
          try PublicKey(
            rsaModulus: Array(
              (group["publicKey"]?["modulus"]?.string ?? "").hexadecimal.drop { $0 == 0 }))
        }
      let house = try House(license: key)
      let root = try root(house, in: folder)
      // The first and the last signature of the group, one of them valid for its own message.
      let tests = group["tests"]?.elements ?? []
      for test in [tests.first, tests.last] {
        let signature = try #require(test?["sig"]?.string).hexadecimal
        let header = ProtectedHeader(
          algorithm: key.algorithm, key: key.thumbprint(using: LibcryptoProvider()),
          type: DocumentKind.license.rawValue)
        let text = House.compact(
          header: header.serialized, payload: license, signature: signature)
        let file = house.armoured([.keyset: house.keysetText, .license: text])
        let (status, code) = try check(
          license: try folder.write("license", Data(file)), root: root)
        #expect(status == 1 && code == "SIGNATURE_INVALID", "\(path): \(status) \(code as Any)")
        runs += 1
      }
    }
    #expect(runs == 14)
  }

  @Test func `an example of the RFCs is no license file`() throws {
    let folder = try Folder()
    let house = try House()
    let root = try root(house, in: folder)
    var runs = 0
    for path in try VectorFiles.names(in: VectorFiles.cookbook, deep: true) {
      let output = try VectorFiles.json(path)["output"]
      for form in ["compact", "json", "json_flat"] {
        guard let value = output?[form] else { continue }
        let file = try folder.write("license", Data((value.string ?? value.text).utf8))
        let before = try folder.content()
        let (status, code) = try check(license: file, root: root)
        #expect(try folder.content() == before)
        #expect(status == 1 && code == "MALFORMED", "\(path) \(form): \(status) \(code as Any)")
        runs += 1
      }
    }
    #expect(runs == 28)
  }

  @Test func `a file of any size is refused in little memory and bounded time`() throws {
    let folder = try Folder()
    let house = try House()
    let root = try root(house, in: folder)
    let signer = try house.key(.license)
    let header = ProtectedHeader(
      algorithm: .edDSA, key: signer.thumbprint, type: DocumentKind.license.rawValue)
    let start = Base64.encode(header.serialized, .url) + "."
    for size in [65_536, 65_537, 1_000_000, 9_000_000, 100_000_000] {
      var data = Data(start.utf8)
      data.append(Data(repeating: UInt8(ascii: "A"), count: size - data.count - 88))
      data.append(Data(("." + String(repeating: "A", count: 87)).utf8))
      let bare = try folder.write("license", data)
      // 400 MB hold the program and its libraries; a hundred megabytes of license do not fit in twice.
      let (status, code) = try check(
        license: bare, root: root, kilobytes: 400_000, seconds: 5)
      let expected = ["MALFORMED", "UNKNOWN_KEY"]
      #expect(status == 1 && expected.contains(code ?? ""), "\(size): \(status) \(code as Any)")
    }
  }

  @Test func `what the program is shown by these tests it also takes when it is good`() throws {
    let folder = try Folder()
    let house = try House()
    let payload = try #require(try FormatExamples.payload(.license))
    let text = try ForgedDocument.jws(
      .license, payload: payload, signedBy: try house.key(.license))
    let file = house.armoured([.keyset: house.keysetText, .license: text])
    let (status, code) = try check(
      license: try folder.write("license", Data(file)), root: try root(house, in: folder),
      kilobytes: 400_000, seconds: 5)
    let refused = ["MALFORMED", "SIGNATURE_INVALID", "UNKNOWN_KEY", "DAMAGED"]
    #expect(code.map { !refused.contains($0) } == true, "\(status) \(code as Any)")
  }
}
