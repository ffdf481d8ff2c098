// Sends a message to an account: to every chat it is connected to.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

class Message {
    static final String STARTLINK = "__ADDRESS__";
    static final String KEY = "__KEY__";

    /** A text as JSON writes it; a website with a JSON library uses that. */
    static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\r", "").replace("\n", "\\n") + "\"";
    }

    static String send(String username, String text) throws Exception {
        var body = "{\"to\": {\"username\": " + quoted(username) + "}, \"text\": " + quoted(text) + "}";
        var request = HttpRequest.newBuilder(URI.create(STARTLINK + "/api/v1/messages"))
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body));
        var answer = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() >= 400) throw new IllegalStateException(answer.body());
        return answer.body();
    }

    public static void main(String[] args) throws Exception {
        System.out.println(send("__USERNAME__", "__TEXT__"));
    }
}
