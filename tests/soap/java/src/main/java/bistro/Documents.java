package bistro;

import java.util.Arrays;
import java.util.List;
import org.apache.cxf.BusFactory;
import org.apache.cxf.tools.common.ToolConstants;
import org.apache.cxf.tools.common.ToolContext;
import org.apache.cxf.tools.validator.internal.WSDL11Validator;
import org.apache.cxf.wsdl.WSDLManager;

/** The documents themselves: valid against the schema of WSDL, and as WS-I's Basic Profile wants them. */
final class Documents {
    private Documents() {}

    static List<Case> cases(String folder, String[] names) {
        return Arrays.stream(names).map(name -> new Case(name, () -> check(folder + "/" + name), true)).toList();
    }

    private static boolean check(String address) throws Exception {
        var context = new ToolContext();
        context.put(ToolConstants.CFG_WSDLURL, address);
        context.put(ToolConstants.CFG_VALIDATE_WSDL, "all");
        var definition = BusFactory.getThreadDefaultBus().getExtension(WSDLManager.class).getDefinition(address);
        return new WSDL11Validator(definition, context).isValid();
    }
}
