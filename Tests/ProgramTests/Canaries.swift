import Foundation
import Synchronization

/// Texts that must not be said where anyone could keep them, and where one was said.
struct Canaries: Sendable {
  /// What a text gives away.
  enum Kind: Sendable {
    /// Passphrases, private keys, bearer tokens: in no stream of any program.
    case secret
    /// What a license says and how it is written: in no stream of a daemon.
    case license
  }

  struct Canary: Sendable {
    let name: String
    let kind: Kind
    let text: String
  }

  private(set) var all: [Canary] = []

  mutating func add(_ name: String, _ kind: Kind, _ text: String) {
    all.append(Canary(name: name, kind: kind, text: text))
  }

  /// Bytes in every spelling that a log could give them.
  mutating func add(_ name: String, bytes: Data) {
    let base64 = bytes.base64EncodedString()
    add("\(name), base 64", .secret, String(base64.prefix(40)))
    let url = base64.replacingOccurrences(of: "+", with: "-").replacingOccurrences(
      of: "/", with: "_")
    add("\(name), base64url", .secret, String(url.prefix(40)))
    let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
    add("\(name), hexadecimal", .secret, hexadecimal)
    add("\(name), capitals", .secret, hexadecimal.uppercased())
    let numbers = bytes.prefix(12).map { String($0) }.joined(separator: ", ")
    add("\(name), numbers", .secret, numbers)
  }

  /// Every line of an armoured file or PEM that is no frame, and the parts of the documents inside.
  mutating func add(_ name: String, _ kind: Kind, lines text: String) {
    var block = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("-----") {
        add(name, kind, document: block)
        block = ""
      } else if !line.hasPrefix("=") {
        block += line
        if line.utf8.count >= 32 { add("\(name), a line", kind, String(line)) }
      }
    }
  }

  private mutating func add(_ name: String, _ kind: Kind, document base64: String) {
    guard let bytes = Data(base64Encoded: base64) else { return }
    let parts = String(decoding: bytes, as: UTF8.self).split(separator: ".")
    guard parts.count == 3 else { return }
    // The header is the same for all that a key signs; payload and signature are the license.
    add("\(name), its signature", kind, String(parts[2].prefix(48)))
    for (index, start) in stride(from: 120, to: parts[1].count - 40, by: 200).enumerated() {
      add("\(name), its payload \(index)", kind, String(parts[1].dropFirst(start).prefix(40)))
    }
  }

  /// The names of those that a text holds.
  func found(in text: String, _ kinds: Set<Kind>) -> [String] {
    all.filter { kinds.contains($0.kind) && text.contains($0.text) }.map(\.name)
  }
}

/// Everything that the programs of one life have said.
final class Hearing: Sendable {
  struct Said: Sendable {
    let who: String
    let isDaemon: Bool
    let text: String
  }

  private let said = Mutex<[Said]>([])

  var all: [Said] { said.withLock { $0 } }

  private func add(_ new: Said) { said.withLock { $0.append(new) } }

  @discardableResult
  func hear(_ who: String, _ outcome: Outcome) -> Outcome {
    add(Said(who: who, isDaemon: false, text: outcome.output + "\n" + outcome.errors))
    return outcome
  }

  func hear(_ who: String, _ daemon: Daemon) {
    add(Said(who: who, isDaemon: true, text: daemon.output + "\n" + daemon.errors))
  }

  func hear(_ who: String, _ text: String) {
    add(Said(who: who, isDaemon: true, text: text))
  }
}
