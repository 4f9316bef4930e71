internal import Licensing
internal import Platform
internal import Sealing
internal import StartupCheck
internal import Terminal

/// How a verdict is written.
enum VerdictFormat: String, CaseIterable {
  case text
  case json
}

/// What `check` was asked, however its command line was read.
struct CheckRequest: Equatable {
  var licenses: [String] = []
  var standing: String?
  var release: String?
  var running: String?
  var product: String?
  var trustRoot: String?
  var format = VerdictFormat.text
  var lang: String?
}

/// The usual command line, read without the argument parser, which takes as long as the whole check.
///
/// Only what is beyond doubt is read: `--name value` and `--name=value` with names written in full,
/// values that are not empty and begin with no hyphen, and no name twice but `--license`. Everything
/// else, all errors and the help among it, is left to ``CheckOptions``, which says what the options
/// are; a test holds both against each other.
extension CheckRequest {
  /// The options that are read here.
  static let plainNames = [
    "license", "standing", "release", "running", "product", "trust-root", "format", "lang",
  ]

  /// - Returns: nil for a command line that is not plain.
  init?(plain words: some Sequence<String>) {
    var words = words.makeIterator()
    var hasFormat = false
    while let word = words.next() {
      guard let (name, given) = Self.split(word), let value = given ?? words.next(),
        let first = value.utf8.first, first != UInt8(ascii: "-"), take(name, value)
      else { return nil }
      if name == "format" {
        guard !hasFormat else { return nil }
        hasFormat = true
      }
    }
  }

  /// Splits `--name` and `--name=value`, by bytes: a combining mark makes one character with a hyphen
  /// or an equals sign before it, where the argument parser then sees another word.
  /// - Returns: nil for anything else, for a name that is not ASCII, and where what follows the equals
  ///   sign may be joined to it.
  private static func split(_ word: String) -> (name: Substring, value: String?)? {
    let bytes = word.utf8
    guard bytes.starts(with: "--".utf8) else { return nil }
    let sign = bytes.firstIndex(of: UInt8(ascii: "="))
    let name = word[bytes.index(bytes.startIndex, offsetBy: 2)..<(sign ?? word.endIndex)]
    guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
    guard let sign else { return (name, nil) }
    let value = word[bytes.index(after: sign)...]
    guard value.utf8.first.map({ $0 < 0x80 }) == true else { return nil }
    return (name, String(value))
  }

  /// - Returns: false for a name that is not known, or that stood before.
  private mutating func take(_ name: Substring, _ value: String) -> Bool {
    switch name {
    case "license": licenses.append(value)
    case "standing": return Self.set(&standing, value)
    case "release": return Self.set(&release, value)
    case "running": return Self.set(&running, value)
    case "product": return Self.set(&product, value)
    case "trust-root": return Self.set(&trustRoot, value)
    case "lang": return Self.set(&lang, value)
    case "format":
      guard let known = VerdictFormat(rawValue: value) else { return false }
      format = known
    default: return false
    }
    return true
  }

  private static func set(_ place: inout String?, _ value: String) -> Bool {
    guard place == nil else { return false }
    place = value
    return true
  }
}

extension CheckRequest {
  /// What a verdict is made from.
  struct Opened {
    let dossier: Dossier
    let running: RunningRelease?
  }

  /// Reads and opens everything, and says on standard error what the reader of the answer must know.
  /// - Throws: ``StartupCheckError``.
  func open(
    _ environment: [String: String], _ language: Language
  ) throws(StartupCheckError) -> Opened {
    let inputs = CheckInputs(
      licenseFiles: licenses, standingFile: standing ?? environment["TALLY_STANDING"],
      releaseFile: release, running: running, product: product)
    let running = try inputs.runningRelease()
    let anchor = try TrustAnchor(file: trustRoot ?? environment["TALLY_TRUST_ROOT"])
    if let announcement = anchor.announcement {
      Output.talk("tally-verifier: \(announcement.text(in: language))")
    }
    let dossier = try inputs.dossier(anchor: anchor)
    if let remark = inputs.remark(on: dossier, in: language) {
      Output.talk("tally-verifier: \(remark)")
    }
    return Opened(dossier: dossier, running: running)
  }

  /// Judges and writes the verdict.
  /// - Returns: the exit status, 0 or 1.
  /// - Throws: ``StartupCheckError`` when it cannot be told, ``CommandError`` for a wrong `--lang`.
  func run(_ environment: [String: String]) throws -> Int32 {
    let language = try Language(flag: lang, environment: environment)
    return try answering {
      let opened = try open(environment, language)
      let judgement = opened.dossier.judge(
        running: opened.running, product: product, clock: SystemClock())
      switch judgement {
      case .cannotTell(let reason): throw StartupCheckError(reason)
      case .verdict(let verdict):
        switch format {
        case .json: Output.aside(verdict.json)
        case .text: Output.aside(opened.text(verdict, language))
        }
        return verdict.exitCode
      }
    }
  }

  /// Does what answers; where it cannot be told and JSON is asked for, JSON says that, also where what
  /// was asked is wrong.
  /// - Throws: what `body` throws.
  func answering(_ body: () throws -> Int32) throws -> Int32 {
    do { return try body() } catch let error as StartupCheckError {
      if format == .json {
        Output.aside(Judgement.unknown(error.code.rawValue, error.message))
      }
      throw error
    }
  }
}

extension CheckRequest.Opened {
  func text(_ verdict: Verdict, _ language: Language) -> String {
    VerdictText.text(verdict, dossier, running: running, language: language)
  }
}
