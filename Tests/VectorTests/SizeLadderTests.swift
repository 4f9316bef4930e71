import Sealing
import Testing
import TestSupport

/// Documents far too large, too deep and too wide, at every door: refused before they are looked into.
struct SizeLadderTests {
  private let doors: [Door]

  init() throws { doors = try House().doors() }

  /// A document of exactly so many bytes whose three parts are all base64url.
  private func document(_ door: Door, bytes: Int) -> String {
    let header = Base64.encode(door.header, .url)
    let signature = String(repeating: "A", count: 86)
    var payload = bytes - header.utf8.count - signature.utf8.count - 2
    // A length of 1 modulo 4 is no base64url: two characters more of signature in its stead.
    let isOdd = payload % 4 == 1
    if isOdd { payload -= 2 }
    return [header, String(repeating: "A", count: payload), signature + (isOdd ? "AA" : "")]
      .joined(separator: ".")
  }

  @Test func `the largest size is looked into and one byte more is not, at every door`() {
    for door in doors {
      let largest = document(door, bytes: door.kind.maximumSize)
      #expect(largest.utf8.count == door.kind.maximumSize)
      let code = door.open(largest)
      #expect(
        code
          == (door.verifies && door.name != "InstallationSeal.openSelfSealed"
            ? .signatureInvalid : .malformed),
        "\(door.name): \(code as Any)")
      // A whole process is given larger files.
      for excess in [1, 4, 65_536] + (door.name.contains(".open") ? [16 * 1024 * 1024] : []) {
        let text = document(door, bytes: door.kind.maximumSize + excess)
        #expect(door.open(text) == .malformed, "\(door.name) + \(excess)")
      }
    }
  }

  @Test func `a payload too deep or with too many members is malformed, at every door`() throws {
    let deep = 60_000
    let wide = "{" + (0..<4000).map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    let payloads = [
      String(repeating: "[", count: 9) + String(repeating: "]", count: 9),
      String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000),
      String(repeating: "{\"a\":", count: 8000), String(repeating: "[", count: deep / 2), wide,
      "{\"ver\":1,\"a\":" + String(repeating: "9", count: 40_000) + "}",
      "{\"ver\":" + String(repeating: "9", count: 40_000) + "}",
    ]
    for door in doors where door.name != "license inspect" {
      for payload in payloads {
        let text = try House.compact(
          header: door.header, payload: Array(payload.utf8), signedBy: door.signer)
        #expect(door.open(text) == .malformed, "\(door.name): \(payload.prefix(20))")
      }
    }
    #expect(payloads.count == 7)
  }

  @Test func `integers at the ends of what 64 bits hold are refused and never trap`() throws {
    let numbers = [
      "9223372036854775807", "9223372036854775808", "-9223372036854775808",
      "-9223372036854775809", "18446744073709551615", "-1", "1e400", "0.1", "-0", "00", "1.0",
    ]
    var count = 0
    for door in doors where door.name != "license inspect" {
      guard let good = try FormatExamples.payload(door.kind) else { continue }
      let value = try JSONScanner.scan(good)
      for path in Self.integers(in: value) {
        for number in numbers {
          let payload = value.replacing(path, with: .number(number)).serialized
          let text = try House.compact(header: door.header, payload: payload, signedBy: door.signer)
          // A larger `ver` is a later version; every other is out of range somewhere or taken as it is
          // (an instant of -1 is not): what matters is that an answer comes.
          let code = door.open(text)
          let isLater = path == ["ver"] && number == "9223372036854775807"
          #expect(
            isLater ? code == .unsupportedVersion : code != nil, "\(door.name) \(path) \(number)")
          count += 1
        }
      }
    }
    #expect(count > 1000)
  }

  /// The paths of all numbers in a value.
  private static func integers(in value: JSONValue, at path: [String] = []) -> [[String]] {
    switch value {
    case .number: [path]
    case .object(let members): members.flatMap { integers(in: $0.value, at: path + [$0.name]) }
    case .array(let elements):
      elements.enumerated().flatMap { integers(in: $0.element, at: path + [String($0.offset)]) }
    case .null, .bool, .string: []
    }
  }
}
