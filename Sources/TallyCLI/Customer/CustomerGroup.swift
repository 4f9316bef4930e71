internal import ArgumentParser

/// Customers.
struct CustomerGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "customer", abstract: "Add and list customers.",
    discussion: "Example: tally customer add \"ACME Ltd\" --registry /srv/registry",
    subcommands: [CustomerAdd.self, CustomerList.self])
}
