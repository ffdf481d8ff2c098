// Receives webhooks, and believes only what startlink signed.
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Webhook {
    static final String SECRET = "__WEBHOOK_SECRET__";

    static boolean isGenuine(String id, String timestamp, String signatures, byte[] body) throws Exception {
        if (!timestamp.matches("[0-9]{1,12}")) return false;
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > 300) return false;
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(SECRET.substring("whsec_".length())), "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        var expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        // Several signatures stand beside each other while the secret is being replaced.
        for (var signature : signatures.split(" "))
            if (MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8))) return true;
        return false;
    }

    public static void main(String[] args) throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", __PORT__), 0);
        server.createContext("/", call -> {
            var body = new ByteArrayOutputStream();
            call.getRequestBody().transferTo(body);
            var told = new String[] {"id", "timestamp", "signature"};
            for (int at = 0; at < told.length; at++) {
                var value = call.getRequestHeaders().getFirst("webhook-" + told[at]);
                told[at] = value == null ? "" : value;
            }
            var genuine = false;
            try {
                genuine = isGenuine(told[0], told[1], told[2], body.toByteArray());
            } catch (Exception wrong) {
                wrong.printStackTrace();
            }
            // The same event may come twice: keep the ids you have seen.
            if (genuine) System.out.println(told[0] + " " + body.toString(StandardCharsets.UTF_8));
            call.sendResponseHeaders(genuine ? 204 : 400, -1);
            call.close();
        });
        server.start();
    }
}
