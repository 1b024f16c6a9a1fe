package bistro;

import jakarta.xml.ws.WebServiceException;
import jakarta.xml.ws.soap.SOAPFaultException;
import java.util.concurrent.Callable;
import org.apache.cxf.binding.soap.SoapFault;
import org.apache.cxf.transport.http.HTTPException;

/** How a call was refused. */
final class Refusal {
    private Refusal() {}

    /** What the call answers, the code of WS-Security that refused it, or the status of HTTP. */
    static Object of(Callable<?> call) throws Exception {
        try {
            return call.call();
        } catch (SOAPFaultException refused) {
            if (refused.getCause() instanceof SoapFault fault) {
                return (fault.getSubCode() == null ? fault.getFaultCode() : fault.getSubCode()).getLocalPart();
            }
            throw refused;
        } catch (WebServiceException refused) {
            if (refused.getCause() instanceof HTTPException answer) {
                return answer.getResponseCode();
            }
            throw refused;
        }
    }
}
