internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// Lists licenses.
struct LicenseList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the licenses, or those that end soon.",
    discussion: """
      STATE is "in force", "upcoming" (its term begins later), "superseded" by a higher revision, \
      "ended" with its grace days, "revoked", or "interrupted": a reissue that was broken off hides \
      it, and has to be run again.

      --expiring lists for each line what ends within so many days: its term, its maintenance, or \
      the grace days of a term that is over. A line that was renewed already is left out.

      A row that cannot be read is listed as damaged, and the command ends with status 2.

      Example: tally license list --expiring 60d --registry /srv/registry
      """)

  @Option(help: ArgumentHelp("Those of one customer.", valueName: "cus_..."))
  var customer: CustomerID?

  @Option(help: ArgumentHelp("Those of one line.", valueName: "lin_..."))
  var line: LineID?

  @Option(help: "Those of one edition.")
  var edition: Edition?

  @Option(help: ArgumentHelp("What ends within this time, such as 60d.", valueName: "days"))
  var expiring: DayCount?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let authority = try registry.open(for: .read)
    let (licenses, damaged) = try authority.registry.readableLicenses()
    let book = try LicenseBook(licenses, authority)
    if let expiring {
      showExpiring(book.expiring(within: expiring.days).filter { matches($0.issued) }, damaged)
    } else {
      show(licenses.filter(matches), book, damaged)
    }
    for line in Set(licenses.filter(matches).map(\.license.line)).sorted() {
      for lost in book.history(of: line)?.interruptions() ?? [] {
        Output.talk("tally: \(lost.spoken)")
      }
    }
    guard let first = damaged.first else { return }
    throw CommandError(
      .fault, "\(damaged.count) rows of the registry cannot be read, such as: \(first.message)")
  }

  private static let damaged = BilingualText("damaged", "已损坏")

  private func matches(_ issued: IssuedLicense) -> Bool {
    (customer == nil || issued.license.sub == customer)
      && (line == nil || issued.license.line == line)
      && (edition == nil || issued.license.edition == edition)
  }

  private func show(_ licenses: [IssuedLicense], _ book: LicenseBook, _ damaged: [DamagedRow]) {
    switch format.format {
    case .json:
      let rows = licenses.map { issued -> JSONValue in
        [
          "state": .string(issued.state.rawValue), "standing": .string(book.standing(of: issued)),
          "kid": issued.kid.json, "license": issued.license.json,
        ]
      }
      Output.data(.array(rows + damaged.map(\.json)))
    case .text:
      var table = TextTable(
        ["LICENSE", "LINE", "REVISION", "EDITION", "FROM", "THROUGH", "STATE", "CUSTOMER"],
        ["许可证", "系列", "修订号", "版本类型", "起", "止", "状态", "客户"])
      for issued in licenses {
        let license = issued.license
        table.add([
          license.jti.text, license.line.text, String(license.revision), license.edition.rawValue,
          license.span?.from.description ?? "-", license.span?.through.description ?? "-",
          book.words(of: issued).spoken, license.customer,
        ])
      }
      for row in damaged {
        table.add([row.name, "-", "-", "-", "-", "-", Self.damaged.spoken, "-"])
      }
      Output.data(table.text)
    }
  }

  private func showExpiring(_ found: [Expiring], _ damaged: [DamagedRow]) {
    switch format.format {
    case .json: Output.data(.array(found.map(\.json) + damaged.map(\.json)))
    case .text:
      var table = TextTable(
        ["THROUGH", "DAYS", "WHAT", "LICENSE", "LINE", "EDITION", "CUSTOMER"],
        ["止", "天数", "到期内容", "许可证", "系列", "版本类型", "客户"])
      for item in found {
        let license = item.issued.license
        table.add([
          item.through.description, String(item.days), item.what.words.spoken, license.jti.text,
          license.line.text, license.edition.rawValue, license.customer,
        ])
      }
      for row in damaged {
        table.add(["-", "-", Self.damaged.spoken, row.name, "-", "-", "-"])
      }
      Output.data(table.text)
      if found.isEmpty {
        Output.talk("tally: nothing ends in that time", "tally: 这段时间内没有到期的内容")
      }
    }
  }
}

/// Days as they are typed: `60d`.
struct DayCount: ExpressibleByArgument, Equatable {
  let days: Int64

  init?(argument: String) {
    let digits = argument.hasSuffix("d") ? argument.dropLast() : argument[...]
    guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let days = Int64(digits), days <= 36_600
    else { return nil }
    self.days = days
  }
}
