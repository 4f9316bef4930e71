internal import ArgumentParser
internal import Authority
internal import CivilTime
internal import Licensing
internal import Sealing
internal import Terminal

/// Lists customers.
struct CustomerList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the customers.",
    discussion: "Example: tally customer list --registry /srv/registry")

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    let customers = try registry.open(for: .read).registry.customers()
    switch format.format {
    case .json: Output.data(.array(customers.map(\.json)))
    case .text:
      var table = TextTable(["CUSTOMER", "ADDED", "NAME"], ["客户", "登记时刻", "名称"])
      for customer in customers {
        table.add([
          customer.id.text, UTC.text(customer.createdAt), customer.name,
        ])
      }
      Output.data(table.text)
    }
  }
}
