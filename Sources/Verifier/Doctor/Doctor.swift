internal import Licensing
package import Platform
package import Sealing
internal import StartupCheck

/// Looks at everything that a customer can get wrong, and changes nothing that matters.
///
/// While `serve` runs it is asked how things stand; else the state folder is opened for that moment. The
/// gateway is dialled once, by the way that this command's settings say; in `offline` mode nothing is.
package struct Doctor: Sendable {
  private let surroundings: Surroundings
  private let transport: GatewayTransport
  /// The user that the platform runs as, nil where that is not to be looked at.
  private let platform: Account?

  package init(_ surroundings: Surroundings, transport: GatewayTransport, platform: Account?) {
    self.surroundings = surroundings
    self.transport = transport
    self.platform = platform
  }

  /// - Parameter status: what `status` says of the installation, or why that cannot be had.
  package func diagnose(
    _ status: Result<JSONValue, VerifierError>
  ) async -> [Diagnosis] {
    let machine = MachineCheck(surroundings: surroundings, platform: platform)
    var found = machine.local()
    switch status {
    case .failure(let error): found.append(Self.unopened(error))
    case .success(let json):
      let check = StandCheck(json, surroundings: surroundings)
      found += [check.serve, check.clock, check.zone, check.license, check.activation]
      found.append(await gateway(check))
      found += [check.lease, check.reports]
    }
    found.append(machine.standing())
    return found
  }

  private static func unopened(_ error: VerifierError) -> Diagnosis {
    Diagnosis(
      .serve, error.isRefusal ? .fail : .unknown,
      BilingualText(
        "the installation cannot be looked at: \(error.code.rawValue): \(error.message)",
        "无法查看本安装：\(error.code.rawValue)：\(error.chinese)"),
      cure: BilingualText(
        "see \(error.code.rawValue) in Docs/Errors.md",
        "参见 Docs/Errors.md 中的 \(error.code.rawValue)"))
  }

  private func gateway(_ check: StandCheck) async -> Diagnosis {
    guard !check.isOffline else {
      return Diagnosis(
        .gateway,
        ok: BilingualText(
          "the license reports nothing by network: nothing is dialled", "许可证不经网络上报：不拨出任何连接"))
    }
    guard let address = surroundings.gateway ?? check.gateway else {
      return Diagnosis(
        .gateway, .fail, BilingualText("no gateway is named", "没有指定网关"),
        cure: BilingualText(
          "install a license that names one, or set gateway", "请安装指明网关的许可证，或设置 gateway"))
    }
    let proxy = transport.route(to: address).proxy
    let way = BilingualText(
      proxy.map { "\(address) through the proxy \($0)" } ?? "\(address)",
      proxy.map { "\(address)（经代理 \($0)）" } ?? "\(address)")
    do throws(ExchangeFault) {
      let (status, isGateway) = try await HTTPGatewayClient(transport).probe(address)
      guard isGateway else { return Self.stranger(way, status) }
      return Diagnosis(
        .gateway, ok: BilingualText("\(way.english) answers", "\(way.chinese) 有应答"))
    } catch { return Self.unreachable(way, error) }
  }

  private static func stranger(_ way: BilingualText, _ status: Int) -> Diagnosis {
    Diagnosis(
      .gateway, .warn,
      BilingualText(
        "HTTP: \(way.english) answers \(status), and not as a gateway does",
        "HTTP：\(way.chinese) 返回 \(status)，不像是网关"),
      cure: BilingualText(
        "check the address, and what stands between; reports go there all the same",
        "请检查地址以及中间的设备；上报仍会发往该地址"))
  }

  private static func unreachable(_ way: BilingualText, _ fault: ExchangeFault) -> Diagnosis {
    Diagnosis(
      .gateway, .fail,
      BilingualText(
        "\(fault.step.rawValue): \(way.english): \(fault)",
        "\(fault.step.rawValue)：\(way.chinese)：\(fault)"),
      cure: fault.step.cure)
  }
}

extension ExchangeFault.Step {
  fileprivate var cure: BilingualText {
    switch self {
    case .name:
      BilingualText(
        "check the name and this machine's name server; behind a proxy set proxy",
        "请检查主机名和本机的 DNS 服务器；在代理之后请设置 proxy")
    case .connection:
      BilingualText(
        "open the firewall to that address, or set proxy", "请在防火墙上放行该地址，或设置 proxy")
    case .proxy:
      BilingualText(
        "have the proxy allow CONNECT to the gateway, with the right user and password",
        "请让代理允许到网关的 CONNECT，并核对用户名和密码")
    case .tls:
      BilingualText(
        "name the certificate of the authority with gateway-ca, and check this machine's clock",
        "请用 gateway-ca 指定签发机构的证书，并检查本机时钟")
    case .answer:
      BilingualText(
        "try again; if it stays, tell whoever runs the gateway", "请重试；若仍如此，请告知网关的运维人员")
    }
  }
}
