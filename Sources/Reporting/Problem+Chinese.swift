extension Problem.Code {
  /// What the code means and what to do, in Chinese.
  package var chinese: String {
    switch self {
    case .malformed: "请求或其中的文件格式不对；请按说明更正"
    case .damaged: "文件在传输中被改动；请重新取得原文件"
    case .unsupportedVersion: "文件的格式版本比网关新；请供应商升级网关"
    case .wrongKind: "此处需要的是另一种文件；请提供正确的文件"
    case .unknownKey: "签名密钥未知；请供应商向网关发布最新的密钥集"
    case .keyNotAllowed: "签名密钥无权签署这份文件；请联系供应商"
    case .keyRevoked: "签名密钥已被吊销；请向供应商索取重新签发的文件"
    case .keysetTooOld: "文件要求比网关更新的密钥集；请供应商向网关发布最新的密钥集"
    case .signatureInvalid: "签名验证不通过，未保存任何内容；请原样重发，若再次出现请联系供应商"
    case .licenseRevoked: "许可证已被吊销，不能激活；请向供应商索取新的许可证"
    case .superseded: "已有更高的修订版；请安装并使用最新的许可证"
    case .notActivated: "本安装没有在网关上激活；请运行 tally-verifier activate"
    case .noSeat: "许可证允许的安装数已经用完；请供应商释放一个不再使用的安装"
    case .replaceNotAllowed: "30 天内只能自动接替一次；请供应商的工作人员处理"
    case .outOfOrder: "记录没有接上已有的链；上报程序会从网关要求的位置重发"
    case .forked: "网关已有同一序号的另一份记录，说明状态目录被复制或回退过；请联系供应商"
    case .unauthorized: "缺少令牌，或令牌未知、过期、已被撤销；请换用有效的令牌"
    case .forbidden: "令牌权限不够，或来源地址不允许访问；请换用合适的令牌，或在设置中列出该地址"
    case .notFound: "没有找到所指的内容；请检查名称和路径"
    case .methodNotAllowed: "此路径不接受这种请求方法；请改用说明中的方法"
    case .conflict: "请求与已保存的内容冲突；请按说明处理"
    case .tooLarge: "请求超过大小上限；请分批发送"
    case .overLimit: "在线采集器已达许可上限，新的采集器被拒绝；请停用一些，或扩容许可证"
    case .rateLimited: "请求过于频繁；请按 Retry-After 所示的时间等候后重试"
    case .requestTimeout: "请求没有在限定时间内收完；请检查网络后重试"
    case .storeUnavailable: "暂时无法保存，未确认任何内容；稍后会自动重试"
    case .notReady: "服务正在启动、停止或尚不能工作；请按说明处理，稍后重试"
    case .internalFault: "服务内部出错；请稍后重试，并把请求编号告诉支持人员"
    }
  }
}
