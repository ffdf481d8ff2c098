// Connects one account: makes a link, shows it and its QR code, waits until it was used.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

class Link {
    static final String STARTLINK = "__ADDRESS__";
    static final String KEY = "__KEY__";
    static final HttpClient HTTP = HttpClient.newHttpClient();

    static String ask(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(STARTLINK + "/api/v1" + path))
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body));
        var answer = HTTP.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() >= 400) throw new IllegalStateException(answer.body());
        return answer.body();
    }

    /** One field of a JSON answer; a website with a JSON library uses that. */
    static String field(String json, String name) {
        var found = Pattern.compile("\"" + name + "\":\\s*(?:\"((?:[^\"\\\\]++|\\\\.)*)\"|([^,}]+))").matcher(json);
        if (!found.find()) throw new IllegalStateException("no " + name + " in " + json);
        return found.group(1) == null ? found.group(2) : found.group(1).replaceAll("\\\\(.)", "$1");
    }

    public static void main(String[] args) throws Exception {
        var link = ask("POST", "/links", "{\"username\": \"__USERNAME__\"}");
        System.out.println("Show this page: " + field(link, "page_url"));
        System.out.println("Or this link:   " + field(link, "url"));
        Files.writeString(Path.of("connect.svg"), field(link, "qr_svg"));

        var state = "open";
        while (state.equals("open") || state.equals("held"))
            state = field(ask("GET", "/links/" + field(link, "id") + "?wait=25", ""), "state");
        System.out.println("The link is " + state + ".");
    }
}
