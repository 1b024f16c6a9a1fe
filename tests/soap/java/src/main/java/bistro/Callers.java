package bistro;

import jakarta.xml.ws.BindingProvider;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.CallbackHandler;
import org.apache.cxf.frontend.ClientProxy;
import org.apache.cxf.message.Message;
import org.apache.cxf.ws.security.wss4j.WSS4JOutInterceptor;
import org.apache.wss4j.common.ext.WSPasswordCallback;
import org.apache.wss4j.dom.WSConstants;
import org.apache.wss4j.dom.handler.WSHandlerConstants;

/** How callers say who they are. Each takes a new port and gives it back. */
final class Callers {
    private Callers() {}

    /** CXF reads the faults of SOAP 1.2 that come with status 400, as its binding to HTTP says, only if it is told so. */
    static <P> P nobody(P port) {
        ((BindingProvider) port).getRequestContext().put("org.apache.cxf.transport.process_fault_on_http_400", true);
        return port;
    }

    static <P> P key(P port, String key) {
        return header(port, "apikey", key);
    }

    static <P> P bearer(P port, String token) {
        return header(port, "Authorization", "Bearer " + token);
    }

    private static <P> P header(P port, String name, String value) {
        // CXF adds its own headers to these.
        Map<String, List<String>> headers = new HashMap<>(Map.of(name, List.of(value)));
        ((BindingProvider) port).getRequestContext().put(Message.PROTOCOL_HEADERS, headers);
        return port;
    }

    static <P> P basic(P port, String key) {
        var context = ((BindingProvider) port).getRequestContext();
        context.put(BindingProvider.USERNAME_PROPERTY, "apikey");
        context.put(BindingProvider.PASSWORD_PROPERTY, key);
        return port;
    }

    /** A UsernameToken with Nonce and Created, as WSS4J makes it. */
    static <P> P token(P port, String name, String password, String type) {
        CallbackHandler answers = asked -> ((WSPasswordCallback) asked[0]).setPassword(password);
        var plain = type.equals(WSConstants.PW_TEXT);
        ClientProxy.getClient(port).getOutInterceptors().add(new WSS4JOutInterceptor(Map.of(
                WSHandlerConstants.ACTION, WSHandlerConstants.USERNAME_TOKEN + " " + WSHandlerConstants.TIMESTAMP,
                WSHandlerConstants.USER, name,
                WSHandlerConstants.PASSWORD_TYPE, type,
                WSHandlerConstants.ADD_USERNAMETOKEN_NONCE, String.valueOf(plain),
                WSHandlerConstants.ADD_USERNAMETOKEN_CREATED, String.valueOf(plain),
                WSHandlerConstants.PW_CALLBACK_REF, answers)));
        return port;
    }
}
