// Leads a user who is signed in from your page to startlink and back, without a call to the API.
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Address {
    static final String STARTLINK = "__ADDRESS__";
    static final String SECRET = "__CONNECT_SECRET__";

    static String sign(String... lines) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)));
    }

    /** Where the button on your page leads. Make it on the server, for the user who is signed in. */
    static String connectUrl(String username, String returnUrl) throws Exception {
        var expires = Long.toString(Instant.now().getEpochSecond() + 3600);
        return STARTLINK + "/connect?username=" + URLEncoder.encode(username, StandardCharsets.UTF_8)
            + "&expires=" + expires
            + "&return_url=" + URLEncoder.encode(returnUrl, StandardCharsets.UTF_8)
            + "&signature=" + sign("connect", username, expires, returnUrl);
    }

    /** Whether startlink says, in the address they came back to, that this user was connected just now. */
    static boolean isConnected(String username, Map<String, String> query) throws Exception {
        var at = query.getOrDefault("startlink_at", "");
        if (!at.matches("[0-9]{1,12}") || Instant.now().getEpochSecond() - Long.parseLong(at) > 900) return false;
        var given = query.getOrDefault("startlink_signature", "").getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(sign("connected", username, at).getBytes(StandardCharsets.UTF_8), given);
    }

    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            System.out.println(connectUrl("__USERNAME__", "__RETURN_URL__"));
            return;
        }
        var query = new HashMap<String, String>();
        for (var pair : args[0].split("&")) {
            var parts = pair.split("=", 2);
            if (parts.length == 2) query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        System.out.println(isConnected("__USERNAME__", query) ? "connected" : "not proven");
    }
}
