import CivilTime
import Foundation
import LibcryptoIssuing
import Licensing
import Sealing
import TestSupport
import Testing

/// Cases of `Oracle/oracle.py`, read while it writes them.
///
/// The script tells the rules a second time, on Python's datetime and zoneinfo; it reads the same
/// `/usr/share/zoneinfo` as this, so that no table of ours can fall behind the zones.
struct CalendarOracle {
  /// What a site has, and what it is asked; as text, to be shown where it fails.
  struct Site {
    var lines: [String] = []
    var documents = Situation(wall: nil)
    var own: UInt8?
    var record: Standing.NewestRecord?
    var held: [Verified<License>] = []
    var activation: Verified<Activation>?
    var receipts: [Verified<Receipt>] = []
  }

  struct Case {
    let line: String
    let situation: Situation
    let outcome: String
    let codes: String
  }

  struct Unreadable: Error {
    let line: String
  }

  let vendor: TestVendor
  private(set) var zones: [String: Zone] = [:]
  private(set) var site = Site()
  /// What the last line says was written, nil before it.
  private(set) var written: Int?

  init() throws { vendor = try Shared.vendor }

  /// Takes a line; gives the case where it is one.
  mutating func take(_ line: String) throws -> Case? {
    let words = line.split(separator: "\t").map(String.init)
    guard let tag = words.first, words.count > 1 else { throw Unreadable(line: line) }
    if tag == "C" { return try makeCase(words, line) }
    if tag == "S" { site = Site() }
    site.lines.append(line)
    switch tag {
    case "S": break
    case "L": try site.documents.licenses.append(license(words[1]))
    case "H": try site.held.append(license(words[1]))
    case "R": site.documents.release = try open(words[1])
    case "A": site.activation = try open(words[1])
    case "P": try site.receipts.append(open(words[1]))
    case "V": site.documents.revocations = try open(words[1])
    case "I": try identify(words, line)
    case "E": written = Int(words[1])
    default: throw Unreadable(line: line)
    }
    return nil
  }

  /// Seals a payload as the vendor would and opens it as a program would.
  private func open<Payload: VendorPayload>(_ payload: String) throws -> Verified<Payload> {
    let jws = try vendor.key(Payload.use).seal(Array(payload.utf8), kind: Payload.kind)
    return try vendor.trust.open(Array(jws.utf8))
  }

  private mutating func license(_ payload: String) throws -> Verified<License> {
    let license: Verified<License> = try open(payload)
    let name = license.payload.zone
    if zones[name] == nil { zones[name] = try SystemZone.load(name) }
    return license
  }

  private mutating func identify(_ words: [String], _ line: String) throws {
    guard words.count == 3 else { throw Unreadable(line: line) }
    site.own = UInt8(words[1])
    let parts = words[2].split(separator: ":").map(String.init)
    guard parts.count == 3 else { return }
    guard let installation = UInt8(parts[0]), let revision = Int64(parts[2]) else {
      throw Unreadable(line: line)
    }
    site.record = try Sample.record(installation, license: parts[1], revision: revision)
  }

  private func makeCase(_ words: [String], _ line: String) throws -> Case {
    guard words.count == 9 else { throw Unreadable(line: line) }
    var situation = site.documents
    situation.wall = Int64(words[1])
    situation.keyset = try Int64(words[3]).map(TestKeyset.made)
    situation.running = words[4] == "-" ? nil : RunningRelease(words[4])
    situation.product = words[5] == "-" ? nil : words[5]
    situation.standing = Standing(
      held: site.held, activation: site.activation, receipts: site.receipts,
      newestRecord: site.record, ownInstallation: try site.own.map(Shared.thumbprint),
      floor: Int64(words[2]), findings: try findings(words[6], line))
    for name in situation.zoneNames { situation.zones[name] = zones[name] }
    return Case(line: line, situation: situation, outcome: words[7], codes: words[8])
  }

  private func findings(_ text: String, _ line: String) throws -> [StandingFinding] {
    guard text != "-" else { return [] }
    return try text.split(separator: ",").map {
      guard let code = StandingFinding.Code(rawValue: String($0)) else {
        throw Unreadable(line: line)
      }
      return StandingFinding(code, Facts())
    }
  }
}

enum TestKeyset {
  /// The vendor's keyset as if it had been made at an instant.
  static func made(_ iat: Int64) throws -> Keyset {
    let keyset = try Shared.vendor.trust.keyset
    return Keyset(
      iss: keyset.iss, epoch: keyset.epoch, iat: iat, roots: keyset.roots, keys: keyset.keys,
      revoked: keyset.revoked)
  }
}

/// Zones of this machine: the package that brings them is one that the programs need.
enum SystemZone {
  static func load(_ name: String) throws -> Zone {
    let file = URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)")
    return try Zone(name: name, tzif: Array(try Data(contentsOf: file)))
  }
}

/// A script of the folder `Oracle`, run to its end, its lines taken while it writes.
struct OracleScript {
  struct Failed: Error {
    let status: Int32
  }

  let name: String
  let arguments: [String]

  /// - Throws: what `take` throws, after the script was stopped; ``Failed`` where the script fails.
  func run(_ take: (String) throws -> Void) throws {
    let script = TableFile.folder.appendingPathComponent(name)
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-B", script.path] + arguments
    process.standardOutput = pipe
    try process.run()
    defer {
      if process.isRunning { process.terminate() }
    }
    var rest = Data()
    while let chunk = try pipe.fileHandleForReading.read(upToCount: 1 << 18), !chunk.isEmpty {
      rest.append(chunk)
      guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
      let text = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
      for line in text.split(separator: "\n") { try take(String(line)) }
      rest = Data(rest[rest.index(after: end)...])
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0, rest.isEmpty else {
      throw Failed(status: process.terminationStatus)
    }
  }
}
