internal import ArgumentParser
internal import Authority
internal import Licensing
internal import Terminal

/// Adds a customer.
struct CustomerAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a customer; prints the customer's id.",
    discussion: "Example: tally customer add \"ACME Ltd\" --registry /srv/registry")

  @Argument(help: "The name, as it will stand in licenses.")
  var name: String

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var why: WhyOption
  @OptionGroup var format: FormatOption

  func run() throws {
    let customer = try registry.open(for: .change).addCustomer(name, why: why.why)
    switch format.format {
    case .json: Output.data(customer.json)
    case .text: Output.data(customer.id.text)
    }
  }
}
